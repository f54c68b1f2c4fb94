//! A folder as the platform's agent keeps it: everything in place by rename.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};
use tempfile::TempDir;
use wasmtime::Engine;

pub struct AppFolder(TempDir);

/// sha256 of no component in particular: the host does not look at it.
pub const RELEASE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

impl AppFolder {
    pub fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for name in ["apps", "hosts", "compiled"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// An app that answers `<name>.test`, with usual limits and what `change` makes of them.
    pub fn add(&self, name: &str, component: &[u8], change: Value) {
        self.write(&format!("compiled/{name}.cwasm"), &compiled(component));
        self.write_manifest(name, change);
        self.link(&format!("{name}.test"), name);
    }

    pub fn write_manifest(&self, name: &str, change: Value) {
        let mut manifest = json!({
            "name": name, "compiled": format!("{name}.cwasm"), "component": RELEASE, "memory_mb": 16, "timeout_ms": 10_000,
            "concurrency": 16, "outbound": [], "env": {},
        });
        for (key, value) in change.as_object().into_iter().flatten() {
            manifest[key] = value.clone();
        }
        self.write(&format!("apps/{name}.json"), manifest.to_string().as_bytes());
    }

    pub fn link(&self, host: &str, name: &str) {
        let draft = self.path().join("hosts/.draft");
        symlink(format!("../apps/{name}.json"), &draft).unwrap();
        std::fs::rename(draft, self.path().join("hosts").join(host)).unwrap();
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        let draft: PathBuf = path.with_extension("draft");
        std::fs::write(&draft, bytes).unwrap();
        std::fs::rename(draft, path).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).unwrap();
    }
}

/// Native code of a component, made once for each.
pub fn compiled(component: &[u8]) -> Vec<u8> {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(&app_engine::settings::config()).unwrap());
    static DONE: LazyLock<Mutex<HashMap<Vec<u8>, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let mut done = DONE.lock().unwrap();
    done.entry(component.to_vec()).or_insert_with(|| ENGINE.precompile_component(component).unwrap()).clone()
}
