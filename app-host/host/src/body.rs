//! Bodies: a request's is at most so long, and an answer's is whole or ends with an error.

use crate::flags::Flags;
use crate::metrics::Outcome;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::CONTENT_LENGTH;
use hyper::{HeaderMap, Request};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use wasmtime_wasi_http::{Error, WasiBody};

/// Refuses a body that says that it is too long; one that does not say it ends with an error when it is, and the
/// flag is set.
pub fn limited(request: Request<Incoming>, max: usize, flags: Arc<Flags>) -> Result<Request<WasiBody>, Outcome> {
    if declared_length(request.headers()).is_some_and(|length| length > max as u64) || request.body().size_hint().lower() > max as u64 {
        return Err(Outcome::BodyTooLarge);
    }
    Ok(request.map(|body| {
        let body = Limited::new(body, max).map_err(move |e| match e.downcast::<hyper::Error>() {
            Ok(e) => Error::Hyper(*e),
            Err(_) => {
                flags.body_too_large.store(true, Relaxed);
                Error::HttpRequestBodySize(Some(max as u64))
            }
        });
        body.boxed_unsync()
    }))
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// An app's answer. The body of an instance that is gone just ends; if it was cut, the caller must see that.
pub fn whole(body: WasiBody, flags: Arc<Flags>) -> WasiBody {
    Whole { body, flags }.boxed_unsync()
}

struct Whole {
    body: WasiBody,
    flags: Arc<Flags>,
}

impl Body for Whole {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(None) if self.flags.cut.load(Relaxed) => Poll::Ready(Some(Err(Error::HttpResponseIncomplete))),
            frame => frame,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
