//! Connections: accepted while the program serves, ended in good order when it must stop.

use crate::metrics::Counted;
use crate::serve::Server;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep, timeout_at};

/// Largest head of a request.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Connections per request that may run: kept ones are idle most of the time.
const CONNECTIONS_PER_REQUEST: u64 = 16;

pub struct Connections {
    pub server: Arc<Server>,
    pub concurrency: u32,
    pub header_time: Duration,
}

impl Connections {
    /// Serves until `stop` ends; then closes the listener and idle connections, and lets requests finish for `drain_time`.
    /// Returns how many were cut off.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>, drain_time: Duration) -> u64 {
        let graceful = GracefulShutdown::new();
        tokio::select! {
            () = self.accept_all(&listener, &graceful) => {}
            () = stop => {}
        }
        drop(listener);
        let deadline = Instant::now() + drain_time;
        let _ = timeout_at(deadline, graceful.shutdown()).await;
        // Apps may go on for a moment after their answer; that is not a connection any more.
        let inflight = || self.server.metrics.inflight.load(Relaxed);
        while inflight() > 0 && Instant::now() < deadline {
            sleep(Duration::from_millis(5)).await;
        }
        inflight()
    }

    async fn accept_all(&self, listener: &TcpListener, graceful: &GracefulShutdown) {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.header_time).max_buf_size(MAX_HEAD_BYTES);
        let most = u64::from(self.concurrency) * CONNECTIONS_PER_REQUEST;
        loop {
            // No descriptors or too many connections: what is open ends sooner or later.
            let Ok((stream, _)) = listener.accept().await else {
                sleep(Duration::from_millis(20)).await;
                continue;
            };
            while self.server.metrics.connections.load(Relaxed) >= most {
                sleep(Duration::from_millis(5)).await;
            }
            let _ = stream.set_nodelay(true);
            let (server, counted) = (self.server.clone(), Counted::new(&self.server.metrics.connections));
            let connection = http.serve_connection(TokioIo::new(stream), service_fn(move |request| server.clone().serve(request)));
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                let _counted = counted;
                // Callers that break their connection are no event.
                let _ = connection.await;
            });
        }
    }
}
