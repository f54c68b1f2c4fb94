//! Which app answers a host name, and its component.
//!
//! Nothing is read before it is asked for; what is known is looked at again at most once a second, and only by a request.
//! A new manifest takes over once its component is mapped: one that is broken leaves the last good one in place.

use crate::app::{App, Loaded};
use crate::folder::Folder;
use crate::loader::Loader;
use crate::metrics::Outcome;
use crate::slot::{Seen, Slot};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::time::Instant;

/// How long an answer of the folder holds.
const FRESH_MS: u64 = 1000;

pub struct Registry {
    folder: Folder,
    loader: Loader,
    start: Instant,
    hosts: RwLock<HashMap<String, Arc<HostEntry>>>,
    slots: RwLock<HashMap<String, Arc<Slot>>>,
    max_loaded: usize,
}

struct HostEntry {
    app: String,
    checked_ms: AtomicU64,
}

impl Registry {
    pub fn new(folder: Folder, loader: Loader, max_loaded: usize) -> Self {
        Self { folder, loader, start: Instant::now(), hosts: RwLock::default(), slots: RwLock::default(), max_loaded }
    }

    /// The app of `host`, and its mapped component.
    pub async fn find(&self, host: &str) -> Result<(Arc<App>, Arc<Loaded>), Outcome> {
        let name = self.app_of_host(host).ok_or(Outcome::UnknownHost)?;
        let app = self.app(&name).await?;
        app.touch(self.now_ms());
        match app.loaded() {
            Some(loaded) => Ok((app, loaded)),
            None => self.load(&app).await.map(|loaded| (app, loaded)),
        }
    }

    /// Forgets what is gone from the folder and was not asked for since. Called now and then.
    pub fn sweep(&self) {
        let hosts: Vec<String> = self.hosts.read().unwrap().keys().cloned().collect();
        for host in hosts.iter().filter(|host| self.folder.app_of_host(host).is_none()) {
            self.hosts.write().unwrap().remove(host);
        }
        let names: Vec<String> = self.slots.read().unwrap().keys().cloned().collect();
        for name in names.iter().filter(|name| self.folder.manifest_version(name).is_none()) {
            self.slots.write().unwrap().remove(name);
        }
    }

    fn now_ms(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    fn app_of_host(&self, host: &str) -> Option<String> {
        let now = self.now_ms();
        let known = self.hosts.read().unwrap().get(host).cloned();
        if let Some(entry) = &known {
            if now < entry.checked_ms.load(Relaxed) + FRESH_MS {
                return Some(entry.app.clone());
            }
            entry.checked_ms.store(now, Relaxed);
        }
        match (self.folder.app_of_host(host), known) {
            (Some(app), Some(entry)) if app == entry.app => Some(app),
            (Some(app), _) => {
                let entry = HostEntry { app: app.clone(), checked_ms: AtomicU64::new(now) };
                self.hosts.write().unwrap().insert(host.to_string(), Arc::new(entry));
                Some(app)
            }
            (None, known) => {
                if known.is_some() {
                    self.hosts.write().unwrap().remove(host);
                }
                None
            }
        }
    }

    async fn app(&self, name: &str) -> Result<Arc<App>, Outcome> {
        let known = self.slots.read().unwrap().get(name).cloned();
        let slot = known.unwrap_or_else(|| self.slots.write().unwrap().entry(name.to_string()).or_default().clone());
        if let Some(seen) = slot.seen(self.now_ms(), FRESH_MS) {
            return seen.result();
        }
        // One request looks; others go on with what is known, and wait only if nothing is.
        let _turn = match slot.app() {
            Some(app) => match slot.turn.try_lock() {
                Ok(turn) => turn,
                Err(_) => return Ok(app),
            },
            None => slot.turn.lock().await,
        };
        if let Some(seen) = slot.seen(self.now_ms(), FRESH_MS) {
            return seen.result();
        }
        let seen = self.look(name, &slot).await;
        slot.set_seen(self.now_ms(), seen.clone());
        if matches!(seen, Seen::Absent) {
            self.slots.write().unwrap().remove(name);
        }
        seen.result()
    }

    async fn look(&self, name: &str, slot: &Slot) -> Seen {
        let Some(version) = self.folder.manifest_version(name) else {
            return Seen::Absent;
        };
        let current = slot.app();
        if let Some(app) = current.clone().filter(|app| app.version == version) {
            return Seen::Good(app);
        }
        match self.read_and_load(name, slot).await {
            Ok(app) => {
                slot.told.gone();
                Seen::Good(app)
            }
            Err(problem) => {
                let effect = if current.is_some() { "the last good one is kept" } else { "the app is not served" };
                slot.told.problem(&format!("{problem}; {effect}"));
                current.map_or(Seen::Broken, Seen::Good)
            }
        }
    }

    async fn read_and_load(&self, name: &str, slot: &Slot) -> Result<Arc<App>, String> {
        let (manifest, version) = self.folder.manifest(name)?;
        let compiled = self.folder.compiled(&manifest);
        let app = Arc::new(App::new(manifest, version, compiled, slot.log_allowance.clone()));
        self.loader.load(&app).await?;
        self.make_room();
        Ok(app)
    }

    /// Maps the component of an app that was put away to make room.
    async fn load(&self, app: &Arc<App>) -> Result<Arc<Loaded>, Outcome> {
        let result = self.loader.load(app).await;
        self.make_room();
        match result {
            Ok(loaded) => {
                app.told.gone();
                Ok(loaded)
            }
            Err(problem) => {
                app.told.problem(&problem);
                Err(Outcome::NotLoadable)
            }
        }
    }

    /// Puts the components away that were not asked for longest: some at once, so that it is seldom.
    fn make_room(&self) {
        let excess = self.loader.loaded().saturating_sub(self.max_loaded);
        if excess == 0 {
            return;
        }
        let apps = self.slots.read().unwrap().values().filter_map(|slot| slot.app()).collect::<Vec<_>>();
        let mut loaded: Vec<_> = apps.iter().filter(|app| app.loaded().is_some()).collect();
        loaded.sort_by_key(|app| app.used_ms());
        let put_away: Vec<_> = loaded.into_iter().take(excess + self.max_loaded / 50).filter_map(|app| app.unload()).collect();
        // Unmapping takes its time.
        tokio::task::spawn_blocking(move || drop(put_away));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metrics;
    use crate::pool;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    fn registry(folder: &Path) -> (Registry, Arc<Metrics>) {
        let (engine, metrics) = (pool::engine(4).unwrap(), Arc::new(Metrics::default()));
        let linker = app_engine::offer::linker(&engine).unwrap();
        let loader = Loader::new(engine, linker, metrics.clone());
        (Registry::new(Folder::new(folder.to_path_buf()), loader, 10), metrics)
    }

    fn add_app(folder: &Path) {
        for name in ["apps", "hosts", "compiled"] {
            std::fs::create_dir(folder.join(name)).unwrap();
        }
        let compiled = pool::engine(4).unwrap().precompile_component(&test_guests::answers("hi")).unwrap();
        std::fs::write(folder.join("compiled/a.cwasm"), compiled).unwrap();
        let manifest = serde_json::json!({"name": "a", "compiled": "a.cwasm", "component": "0".repeat(64), "memory_mb": 1, "timeout_ms": 1, "concurrency": 1,
            "outbound": [], "env": {}});
        std::fs::write(folder.join("apps/a.json"), manifest.to_string()).unwrap();
        symlink("../apps/a.json", folder.join("hosts/a.test")).unwrap();
    }

    #[tokio::test]
    async fn what_is_gone_is_forgotten_without_being_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        add_app(folder.path());
        let (registry, metrics) = registry(folder.path());
        drop(registry.find("a.test").await.unwrap());
        registry.sweep();
        assert_eq!(metrics.loaded.load(Relaxed), 1, "what is there stays");
        std::fs::remove_file(folder.path().join("apps/a.json")).unwrap();
        std::fs::remove_file(folder.path().join("hosts/a.test")).unwrap();
        registry.sweep();
        assert_eq!(metrics.loaded.load(Relaxed), 0);
        assert!(registry.hosts.read().unwrap().is_empty() && registry.slots.read().unwrap().is_empty());
        assert_eq!(registry.find("a.test").await.err(), Some(Outcome::UnknownHost));
    }

    #[tokio::test]
    async fn requests_that_come_at_once_map_a_component_once() {
        let folder = tempfile::tempdir().unwrap();
        add_app(folder.path());
        let (registry, metrics) = registry(folder.path());
        let (a, b, c) = tokio::join!(registry.find("a.test"), registry.find("a.test"), registry.find("a.test"));
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(metrics.loads.load(Relaxed), 1);
    }
}
