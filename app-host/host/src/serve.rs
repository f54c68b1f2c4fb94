//! One request: find its app, make room, run a fresh instance within its limits, answer.

use crate::body;
use crate::flags::Flags;
use crate::guest;
use crate::host_name;
use crate::log;
use crate::metrics::{Counted, Metrics, Outcome};
use crate::registry::Registry;
use crate::room::Room;
use crate::ticker::Ticker;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::error::Elapsed;
use wasmtime::{Engine, PoolConcurrencyLimitError};
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

/// sha256 of the component that answered.
const RELEASE: HeaderName = HeaderName::from_static("x-app-release");
/// Why this program answered instead of an app.
const REASON: HeaderName = HeaderName::from_static("x-app-host");
/// Set by the ingress.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

pub struct Server {
    pub engine: Engine,
    pub registry: Registry,
    pub room: Room,
    pub metrics: Arc<Metrics>,
    pub ticker: Arc<Ticker>,
    pub max_body: usize,
}

type GuestAnswer = Result<Response<WasiBody>, ErrorCode>;

impl Server {
    pub async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<WasiBody>, Infallible> {
        // Counts as gone unless something is answered: the connection drops this future when the caller goes away.
        let mut end = End { metrics: self.metrics.clone(), outcome: Outcome::Gone };
        let result = self.run_app(request).await;
        end.outcome = result.as_ref().err().copied().unwrap_or(Outcome::Answered);
        Ok(result.unwrap_or_else(refusal))
    }

    async fn run_app(&self, request: Request<Incoming>) -> Result<Response<WasiBody>, Outcome> {
        let host = host_name::of_request(&request).ok_or(Outcome::BadHost)?;
        let (app, loaded) = self.registry.find(&host).await?;
        let place = self.room.enter(&app).await.ok_or(Outcome::Busy)?;
        let flags = Arc::new(Flags::default());
        let request = body::limited(request, self.max_body, flags.clone())?;

        let mut store = guest::store(&self.engine, &app, flags.clone());
        let https = request.headers().get(FORWARDED_PROTO).is_some_and(|proto| proto == "https");
        let scheme = if https { Scheme::Https } else { Scheme::Http };
        let request = store.data_mut().http().new_incoming_request(scheme, request).map_err(|_| Outcome::BadHost)?;
        let (answer, answered) = oneshot::channel::<GuestAnswer>();
        let begun = flags.clone();
        let answer = move |response| {
            begun.begun.store(true, Relaxed);
            // Nobody waits any more: the caller went away.
            let _ = answer.send(response);
        };
        let out = store.data_mut().http().new_response_outparam_from_callback(answer).map_err(|_| Outcome::Trap)?;

        let limit = Duration::from_millis(app.manifest.timeout_ms);
        let held = (place, Counted::new(&self.metrics.inflight), self.ticker.run());
        let (metrics, name, after) = (self.metrics.clone(), app.name.clone(), flags.clone());
        let task = tokio::spawn(async move {
            // Declared before the store, so dropped after it: the place is free when the memory is.
            let _held = held;
            let mut store = store;
            let call = async {
                let proxy = loaded.pre.instantiate_async(&mut store).await?;
                proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
            };
            let outcome = outcome_of(&name, tokio::time::timeout(limit, call).await, &after);
            if after.begun.load(Relaxed) && outcome != Outcome::NoResponse {
                // Before the store is dropped, which ends the answer's body.
                after.cut.store(true, Relaxed);
                metrics.cut.fetch_add(1, Relaxed);
                log::line(&format!("{name}: answer cut: {}", outcome.reason()));
            }
            outcome
        });
        let mut task = AbortOnDrop { task, leave: false };
        match answered.await {
            Ok(Ok(mut response)) => {
                task.leave_running();
                response.headers_mut().remove(REASON);
                response.headers_mut().insert(RELEASE, app.release.clone());
                Ok(response.map(|answer| body::whole(answer, flags)))
            }
            Ok(Err(_)) if flags.body_too_large.load(Relaxed) => Err(Outcome::BodyTooLarge),
            Ok(Err(error)) => {
                log::line(&format!("{}: no response: {error:?}", app.name));
                Err(Outcome::NoResponse)
            }
            Err(_) => Err((&mut task.task).await.unwrap_or(Outcome::Trap)),
        }
    }
}

fn outcome_of(app: &str, result: Result<wasmtime::Result<()>, Elapsed>, flags: &Flags) -> Outcome {
    match result {
        Err(_) => Outcome::Timeout,
        Ok(_) if flags.body_too_large.load(Relaxed) => Outcome::BodyTooLarge,
        Ok(Ok(())) => Outcome::NoResponse,
        Ok(Err(_)) if flags.over_memory.load(Relaxed) => Outcome::MemoryLimit,
        Ok(Err(e)) if e.is::<PoolConcurrencyLimitError>() => Outcome::Busy,
        Ok(Err(e)) => {
            log::line(&format!("{app}: trap: {}", e.root_cause()));
            Outcome::Trap
        }
    }
}

fn refusal(outcome: Outcome) -> Response<WasiBody> {
    let text = Bytes::from(format!("{}\n", outcome.reason()));
    let mut response = Response::new(Full::new(text).map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = outcome.status();
    response.headers_mut().insert(REASON, HeaderValue::from_static(outcome.reason()));
    response
}

/// Counts how a request ended, also one whose future is dropped.
struct End {
    metrics: Arc<Metrics>,
    outcome: Outcome,
}

impl Drop for End {
    fn drop(&mut self) {
        self.metrics.count(self.outcome);
    }
}

/// Ends the instance of a caller that went away before the answer.
struct AbortOnDrop {
    task: JoinHandle<Outcome>,
    leave: bool,
}

impl AbortOnDrop {
    fn leave_running(&mut self) {
        self.leave = true;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if !self.leave {
            self.task.abort();
        }
    }
}
