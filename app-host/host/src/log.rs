//! Lines of this program and of the apps, to stderr, from where the service manager takes them.
//!
//! Writing happens on one thread of its own behind a bounded queue: a slow reader of the log never holds up a request.
//! What does not fit is counted and said.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

const QUEUE_LINES: usize = 4096;

static QUEUE: OnceLock<SyncSender<Message>> = OnceLock::new();
static DROPPED: AtomicU64 = AtomicU64::new(0);

enum Message {
    Line(String),
    Flush(SyncSender<()>),
}

/// Starts the writing thread; lines logged before are written directly.
pub fn start() {
    let (sender, receiver) = sync_channel(QUEUE_LINES);
    if QUEUE.set(sender).is_ok() {
        std::thread::spawn(move || write_all(&receiver));
    }
}

/// Logs one line. Control characters are escaped, so that an app cannot forge lines or steer a terminal.
pub fn line(text: &str) {
    let mut safe = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c.is_control() && c != '\t' { safe.extend(c.escape_default()) } else { safe.push(c) }
    }
    safe.push('\n');
    match QUEUE.get() {
        None => write(safe.as_bytes()),
        Some(queue) => {
            if let Err(TrySendError::Full(_)) = queue.try_send(Message::Line(safe)) {
                DROPPED.fetch_add(1, Relaxed);
            }
        }
    }
}

/// Waits until all lines so far are written, at most a second.
pub fn flush() {
    let (done, wait) = sync_channel(1);
    if QUEUE.get().is_some_and(|queue| queue.send(Message::Flush(done)).is_ok()) {
        let _ = wait.recv_timeout(Duration::from_secs(1));
    }
}

/// A problem that is met again and again is logged once, until it is another one or is gone.
#[derive(Default)]
pub struct Told(Mutex<Option<String>>);

impl Told {
    pub fn problem(&self, text: &str) {
        let mut told = self.0.lock().unwrap();
        if told.as_deref() != Some(text) {
            line(text);
            *told = Some(text.to_string());
        }
    }

    pub fn gone(&self) {
        *self.0.lock().unwrap() = None;
    }
}

fn write_all(messages: &Receiver<Message>) {
    for message in messages {
        match message {
            Message::Line(line) => write(line.as_bytes()),
            Message::Flush(done) => drop(done.send(())),
        }
        match DROPPED.swap(0, Relaxed) {
            0 => {}
            n => write(format!("{n} log lines dropped: the log is read too slowly\n").as_bytes()),
        }
    }
}

fn write(bytes: &[u8]) {
    // A log that nobody reads must not end the program.
    let _ = std::io::stderr().write_all(bytes);
}
