//! One outgoing request. Each has a connection of its own: nothing of one request, and of one app, is seen by another.

use super::allow::{self, Target};
use super::connect;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, timeout};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// Connections that one request may have open at a time.
const MAX_CONNECTIONS: usize = 32;
/// Where the app sets no limit of its own. Its request's time limit is over all of them.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(600);

type Worker = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Worker), Error>;

pub struct Outbound {
    allowed: Arc<[String]>,
    connections: Arc<Semaphore>,
}

impl Outbound {
    pub fn new(allowed: Arc<[String]>) -> Self {
        Self { allowed, connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)) }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Worker,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let target = Target::of(request.uri()).filter(|target| allow::permits(&self.allowed, target));
        let permit = self.connections.clone().try_acquire_owned();
        Box::new(async move {
            let target = target.ok_or(Error::HttpRequestDenied)?;
            let permit = permit.map_err(|_| Error::ConnectionLimitReached)?;
            let (response, worker) = send(request, &target, options.unwrap_or_default()).await?;
            let worker: Worker = Box::new(async move {
                let _permit = permit;
                worker.await;
                Ok(())
            });
            Ok((response, worker))
        })
    }
}

async fn send(
    mut request: Request<WasiBody>,
    target: &Target,
    options: RequestOptions,
) -> Result<(Response<WasiBody>, impl Future<Output = ()> + Send + use<>), Error> {
    let stream = timeout(options.connect_timeout.unwrap_or(DEFAULT_TIMEOUT), connect::connect(target))
        .await
        .map_err(|_| Error::ConnectionTimeout)??;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the handle: when the guest is gone, so is its connection.
    let connection = wasmtime_wasi::runtime::spawn(async move { drop(connection.await) });
    // Host and scheme are in the connection and the Host header; in the request line they would address a proxy.
    *request.uri_mut() = request.uri().path_and_query().map_or(Uri::from_static("/"), |path| Uri::from(path.clone()));
    let first_byte = options.first_byte_timeout.unwrap_or(DEFAULT_TIMEOUT);
    let response = timeout(first_byte, sender.send_request(request)).await.map_err(|_| Error::ConnectionReadTimeout)??;
    let between_bytes = options.between_bytes_timeout.unwrap_or(DEFAULT_TIMEOUT);
    let response = response
        .map(|body| PatientBody { body, patience: between_bytes, timer: Box::pin(tokio::time::sleep(between_bytes)) }.boxed_unsync());
    Ok((response, async move {
        // The sender must live as long as the answer is read, or the connection ends early.
        let _sender = sender;
        connection.await;
    }))
}

/// A body whose next part must come within a time.
struct PatientBody {
    body: Incoming,
    patience: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Body for PatientBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let next = Instant::now() + self.patience;
            self.timer.as_mut().reset(next);
            return Poll::Ready(frame.map(|f| f.map_err(Error::from)));
        }
        self.timer.as_mut().poll(cx).map(|()| Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
