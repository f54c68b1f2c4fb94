//! The folder that the platform's agent keeps. It is only read here, and never listed: apps are looked up when asked for.

use crate::manifest::{self, Manifest};
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

pub struct Folder {
    path: PathBuf,
}

/// One state of one file: the agent puts a new one in place by rename.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Version {
    inode: u64,
    size: u64,
    changed_ns: i128,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The app that `host` belongs to: the target of `hosts/<host>`, which must be exactly `../apps/<name>.json`.
    pub fn app_of_host(&self, host: &str) -> Option<String> {
        let target = std::fs::read_link(self.path.join("hosts").join(host)).ok()?;
        let target = std::str::from_utf8(target.as_os_str().as_bytes()).ok()?;
        let name = target.strip_prefix("../apps/")?.strip_suffix(".json")?;
        manifest::is_app_name(name).then(|| name.to_string())
    }

    /// Which manifest the app has now, without reading it. `None`: the app is not here.
    pub fn manifest_version(&self, name: &str) -> Option<Version> {
        let metadata = std::fs::symlink_metadata(self.manifest_path(name)).ok()?;
        metadata.is_file().then(|| version(&metadata))
    }

    /// The app's manifest and its version, both of the same state of the file.
    pub fn manifest(&self, name: &str) -> Result<(Manifest, Version), String> {
        let path = self.manifest_path(name);
        let problem = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let file = File::open(&path).map_err(|e| problem(&e))?;
        let version = version(&file.metadata().map_err(|e| problem(&e))?);
        if version.size > manifest::MAX_BYTES {
            return Err(problem(&format!("too large, got {} bytes; expected at most {}", version.size, manifest::MAX_BYTES)));
        }
        let mut bytes = Vec::new();
        file.take(manifest::MAX_BYTES).read_to_end(&mut bytes).map_err(|e| problem(&e))?;
        Ok((manifest::parse(name, &bytes).map_err(|e| problem(&e))?, version))
    }

    pub fn compiled(&self, manifest: &Manifest) -> PathBuf {
        self.path.join("compiled").join(&manifest.compiled)
    }

    fn manifest_path(&self, name: &str) -> PathBuf {
        self.path.join("apps").join(format!("{name}.json"))
    }
}

fn version(metadata: &std::fs::Metadata) -> Version {
    let changed_ns = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
    Version { inode: metadata.ino(), size: metadata.size(), changed_ns }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_host_points_at_an_app_and_at_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("hosts")).unwrap();
        let targets =
            ["../apps/hello.json", "/etc/passwd", "../apps/../apps/hello.json", "../apps/Hello.json", "../apps/.json", "hello.json"];
        for (i, target) in targets.iter().enumerate() {
            symlink(target, folder.path().join(format!("hosts/h{i}"))).unwrap();
        }
        std::fs::write(folder.path().join("hosts/file"), "../apps/hello.json").unwrap();
        let reader = Folder::new(folder.path().to_path_buf());
        assert_eq!(reader.app_of_host("h0").as_deref(), Some("hello"));
        for host in ["h1", "h2", "h3", "h4", "h5", "file", "absent"] {
            assert_eq!(reader.app_of_host(host), None, "{host}");
        }
    }
}
