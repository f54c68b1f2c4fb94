//! Stdout and stderr of an app: whole lines to the log, with the app's name, within the app's allowance.

use crate::log;
use bytes::Bytes;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Longest line; the rest becomes further lines.
const MAX_LINE_BYTES: usize = 8 << 10;
const LINES_PER_SECOND: f64 = 100.0;
const BURST_LINES: f64 = 1000.0;

/// What one app may log: a share that refills, over all its requests.
pub struct Allowance(Mutex<Tokens>);

struct Tokens {
    left: f64,
    at: Instant,
    dropped: u64,
}

impl Allowance {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Tokens { left: BURST_LINES, at: Instant::now(), dropped: 0 })))
    }

    /// `None`: drop the line. Otherwise how many were dropped since the last one that passed.
    fn take(&self, now: Instant) -> Option<u64> {
        let mut tokens = self.0.lock().unwrap();
        tokens.left = (tokens.left + now.duration_since(tokens.at).as_secs_f64() * LINES_PER_SECOND).min(BURST_LINES);
        tokens.at = now;
        if tokens.left < 1.0 {
            tokens.dropped += 1;
            return None;
        }
        tokens.left -= 1.0;
        Some(std::mem::take(&mut tokens.dropped))
    }
}

/// One of the two outputs of one request.
#[derive(Clone)]
pub struct AppOutput {
    app: Arc<str>,
    stream: &'static str,
    allowance: Arc<Allowance>,
    unfinished: Arc<Mutex<Vec<u8>>>,
}

impl AppOutput {
    pub fn new(app: Arc<str>, stream: &'static str, allowance: Arc<Allowance>) -> Self {
        Self { app, stream, allowance, unfinished: Arc::default() }
    }

    fn take_in(&self, bytes: &[u8]) {
        let mut line = self.unfinished.lock().unwrap();
        for piece in bytes.split_inclusive(|c| *c == b'\n') {
            for part in piece.chunks(MAX_LINE_BYTES) {
                line.extend_from_slice(part);
                if line.ends_with(b"\n") || line.len() >= MAX_LINE_BYTES {
                    self.log(&line);
                    line.clear();
                }
            }
        }
    }

    fn log(&self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        if text.is_empty() {
            return;
        }
        let Some(dropped) = self.allowance.take(Instant::now()) else { return };
        if dropped > 0 {
            log::line(&format!("{}: {dropped} lines dropped: more than {LINES_PER_SECOND} a second", self.app));
        }
        log::line(&format!("{} {}: {}", self.app, self.stream, text));
    }
}

impl Drop for AppOutput {
    fn drop(&mut self) {
        // The last handle of a request: what it wrote without a line end is a line as well.
        if Arc::strong_count(&self.unfinished) == 1 {
            let line = std::mem::take(&mut *self.unfinished.lock().unwrap());
            if !line.is_empty() {
                self.log(&line);
            }
        }
    }
}

impl IsTerminal for AppOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for AppOutput {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        unreachable!("WASI 0.2 takes p2_stream")
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for AppOutput {
    async fn ready(&mut self) {}
}

#[wasmtime_wasi::async_trait]
impl OutputStream for AppOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take_in(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_app_that_logs_without_end_is_cut() {
        let allowance = Allowance::new();
        let start = Instant::now();
        let passed = (0..5000).filter(|_| allowance.take(start).is_some()).count();
        assert_eq!(passed, BURST_LINES as usize);
        assert_eq!(allowance.take(start + Duration::from_secs(1)), Some(4000));
        assert_eq!(allowance.take(start + Duration::from_secs(1)), Some(0));
    }
}
