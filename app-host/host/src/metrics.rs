//! Counters for Prometheus, and how requests end.

use hyper::StatusCode;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How a request ended, in the order of `Metrics::ended`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Answered,
    BadHost,
    UnknownHost,
    BodyTooLarge,
    NotLoadable,
    Trap,
    NoResponse,
    Busy,
    Timeout,
    MemoryLimit,
    /// The caller went away before the answer.
    Gone,
}

impl Outcome {
    const ALL: [Outcome; 11] = [
        Self::Answered,
        Self::BadHost,
        Self::UnknownHost,
        Self::BodyTooLarge,
        Self::NotLoadable,
        Self::Trap,
        Self::NoResponse,
        Self::Busy,
        Self::Timeout,
        Self::MemoryLimit,
        Self::Gone,
    ];

    /// Label of the counter, and value of `x-app-host` on errors.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::BadHost => "bad-host",
            Self::UnknownHost => "unknown-host",
            Self::BodyTooLarge => "body-too-large",
            Self::NotLoadable => "not-loadable",
            Self::Trap => "trap",
            Self::NoResponse => "no-response",
            Self::Busy => "busy",
            Self::Timeout => "timeout",
            Self::MemoryLimit => "memory-limit",
            Self::Gone => "gone",
        }
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::Answered | Self::Gone => StatusCode::OK,
            Self::BadHost => StatusCode::BAD_REQUEST,
            Self::UnknownHost => StatusCode::NOT_FOUND,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotLoadable | Self::Trap | Self::NoResponse => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::MemoryLimit => StatusCode::INSUFFICIENT_STORAGE,
        }
    }
}

#[derive(Default)]
pub struct Metrics {
    ended: [AtomicU64; Outcome::ALL.len()],
    /// Answers that an app began and that ended before their end.
    pub cut: AtomicU64,
    pub inflight: Arc<AtomicU64>,
    /// Components mapped now.
    pub loaded: Arc<AtomicU64>,
    /// Components mapped since the start, each time counted.
    pub loads: AtomicU64,
    pub connections: Arc<AtomicU64>,
}

impl Metrics {
    pub fn count(&self, outcome: Outcome) {
        self.ended[outcome as usize].fetch_add(1, Relaxed);
    }

    /// Prometheus' text format.
    pub fn render(&self, draining: bool) -> String {
        let mut text = String::new();
        let mut single = |kind: &str, name: &str, help: &str, value: u64| {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        single("gauge", "app_host_inflight", "Requests in apps now.", self.inflight.load(Relaxed));
        single("gauge", "app_host_connections", "Open connections.", self.connections.load(Relaxed));
        single("gauge", "app_host_loaded", "Components mapped now.", self.loaded.load(Relaxed));
        single("gauge", "app_host_draining", "1 after SIGTERM.", u64::from(draining));
        single("counter", "app_host_loads_total", "Components mapped since the start.", self.loads.load(Relaxed));
        single("counter", "app_host_cut_total", "Answers that an app began and did not end.", self.cut.load(Relaxed));
        text.push_str("# HELP app_host_requests_total Requests by how they ended.\n# TYPE app_host_requests_total counter\n");
        for outcome in Outcome::ALL {
            let value = self.ended[outcome as usize].load(Relaxed);
            let _ = writeln!(text, "app_host_requests_total{{outcome=\"{}\"}} {value}", outcome.reason());
        }
        text
    }
}

/// Counts one up for as long as it lives.
pub struct Counted(Arc<AtomicU64>);

impl Counted {
    pub fn new(counter: &Arc<AtomicU64>) -> Self {
        counter.fetch_add(1, Relaxed);
        Self(counter.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_in_the_order_of_the_outcomes() {
        for (i, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, i);
        }
        let metrics = Metrics::default();
        metrics.count(Outcome::Timeout);
        assert!(metrics.render(false).contains("app_host_requests_total{outcome=\"timeout\"} 1\n"));
    }
}
