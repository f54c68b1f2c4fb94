//! Where a component is read from and where the result goes: a file or a URL.

use crate::http;
use bytes::Bytes;
use hyper::{Method, Uri};
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub enum Place {
    File(PathBuf),
    Url(Uri),
}

impl Place {
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return if text.is_empty() { Err("empty; expected a URL or a file".to_string()) } else { Ok(Self::File(text.into())) };
        }
        let url = text.parse::<Uri>().ok().filter(|url| url.host().is_some_and(|host| !host.is_empty()));
        url.map(Self::Url).ok_or_else(|| format!("not a URL with a host, got {}", without_query(text)))
    }

    pub async fn read(&self) -> Result<Bytes, String> {
        match self {
            Self::File(path) => std::fs::read(path).map(Bytes::from).map_err(|e| format!("{self}: {e}")),
            Self::Url(url) => http::send(Method::GET, url, Bytes::new()).await.map_err(|e| format!("{self}: {e}")),
        }
    }

    pub async fn write(&self, bytes: Bytes) -> Result<(), String> {
        match self {
            Self::File(path) => write_whole(path, &bytes).map_err(|e| format!("{self}: {e}")),
            Self::Url(url) => http::send(Method::PUT, url, bytes).await.map(drop).map_err(|e| format!("{self}: {e}")),
        }
    }
}

/// Without the query, which carries the permission of a presigned URL.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => f.write_str(without_query(&url.to_string())),
        }
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// By rename: a program that has the old file mapped keeps it, and nobody sees half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}", std::process::id()));
    let draft = path.with_file_name(name);
    std::fs::write(&draft, bytes).and_then(|()| std::fs::rename(&draft, path)).inspect_err(|_| drop(std::fs::remove_file(&draft)))
}
