//! One app in one version of its manifest.

use crate::app_output::Allowance;
use crate::folder::Version;
use crate::guest::Guest;
use crate::log::Told;
use crate::manifest::Manifest;
use crate::metrics::Counted;
use hyper::header::HeaderValue;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

pub struct App {
    pub name: Arc<str>,
    pub manifest: Manifest,
    pub version: Version,
    pub compiled: PathBuf,
    /// Value of `x-app-release`.
    pub release: HeaderValue,
    pub outbound: Arc<[String]>,
    pub permits: Arc<Semaphore>,
    pub log_allowance: Arc<Allowance>,
    /// Held while the component is being mapped.
    pub loading: tokio::sync::Mutex<()>,
    /// Of mapping it again.
    pub told: Told,
    loaded: Mutex<Option<Arc<Loaded>>>,
    used_ms: AtomicU64,
}

/// A mapped component, counted for as long as a request or its app holds it.
pub struct Loaded {
    pub pre: ProxyPre<Guest>,
    pub _counted: Counted,
}

impl App {
    pub fn new(manifest: Manifest, version: Version, compiled: PathBuf, log_allowance: Arc<Allowance>) -> Self {
        Self {
            name: manifest.name.as_str().into(),
            version,
            compiled,
            release: HeaderValue::from_str(&manifest.component).expect("hex digits"),
            outbound: manifest.outbound.clone().into(),
            permits: Arc::new(Semaphore::new(manifest.concurrency as usize)),
            log_allowance,
            loading: tokio::sync::Mutex::default(),
            told: Told::default(),
            loaded: Mutex::default(),
            used_ms: AtomicU64::new(0),
            manifest,
        }
    }

    pub fn loaded(&self) -> Option<Arc<Loaded>> {
        self.loaded.lock().unwrap().clone()
    }

    pub fn set_loaded(&self, loaded: Arc<Loaded>) {
        *self.loaded.lock().unwrap() = Some(loaded);
    }

    pub fn unload(&self) -> Option<Arc<Loaded>> {
        self.loaded.lock().unwrap().take()
    }

    /// Milliseconds on the registry's clock of the last request.
    pub fn used_ms(&self) -> u64 {
        self.used_ms.load(Relaxed)
    }

    pub fn touch(&self, now_ms: u64) {
        self.used_ms.store(now_ms, Relaxed);
    }
}
