//! A request's body, at most so long.

use crate::flags::Flags;
use crate::metrics::Outcome;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::{HeaderMap, Request};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
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
