//! `/health` and `/metrics`, on an address of their own. Read only.

use crate::metrics::Metrics;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

#[derive(Clone)]
pub struct Admin {
    pub metrics: Arc<Metrics>,
    pub draining: Arc<AtomicBool>,
}

impl Admin {
    pub async fn serve(self, listener: TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            let admin = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = admin.answer(&request);
                    async move { Ok::<_, Infallible>(response) }
                });
                let _ = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let draining = self.draining.load(Relaxed);
        let (status, text) = match request.uri().path() {
            "/health" if draining => (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_string()),
            "/health" => (StatusCode::OK, "ok\n".to_string()),
            "/metrics" => (StatusCode::OK, self.metrics.render(draining)),
            _ => (StatusCode::NOT_FOUND, "only /health and /metrics\n".to_string()),
        };
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
        response
    }
}
