//! Maps compiled components into memory.

use crate::app::{App, Loaded};
use crate::guest::Guest;
use crate::metrics::{Counted, Metrics};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

pub struct Loader {
    engine: Engine,
    linker: Arc<Linker<Guest>>,
    metrics: Arc<Metrics>,
}

impl Loader {
    pub fn new(engine: Engine, linker: Linker<Guest>, metrics: Arc<Metrics>) -> Self {
        Self { engine, linker: Arc::new(linker), metrics }
    }

    /// Components mapped now.
    pub fn loaded(&self) -> usize {
        self.metrics.loaded.load(Relaxed) as usize
    }

    /// Maps the app's component unless it is; one request does it, others of the app wait for it.
    pub async fn load(&self, app: &Arc<App>) -> Result<Arc<Loaded>, String> {
        let _one = app.loading.lock().await;
        if let Some(loaded) = app.loaded() {
            return Ok(loaded);
        }
        let (engine, linker, path) = (self.engine.clone(), self.linker.clone(), app.compiled.clone());
        let mapped = tokio::task::spawn_blocking(move || map(&engine, &linker, &path)).await.map_err(|e| e.to_string())?;
        let pre = mapped.map_err(|e| format!("{}: {:#}", app.compiled.display(), e))?;
        self.metrics.loads.fetch_add(1, Relaxed);
        let loaded = Arc::new(Loaded { pre, _counted: Counted::new(&self.metrics.loaded) });
        app.set_loaded(loaded.clone());
        Ok(loaded)
    }
}

fn map(engine: &Engine, linker: &Linker<Guest>, path: &Path) -> wasmtime::Result<ProxyPre<Guest>> {
    // SAFETY: the file is native code. Only the platform's compile job and agent write this folder, never an app's team,
    // and they put files in place by rename, so a mapped file does not change.
    let component = unsafe { Component::deserialize_file(engine, path) }?;
    ProxyPre::new(linker.instantiate_pre(&component)?)
}
