//! HTTP by hand, so that a test can do what no client library does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than any limit in the tests: an answer that never comes is a failure, not a hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
    /// The body ended as it said it would.
    pub whole: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    pub fn reason(&self) -> Option<&str> {
        self.header("x-app-host")
    }
}

pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the program listens");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// GET / for `host`, on a connection of its own.
pub fn get(port: u16, host: &str) -> Answer {
    get_path(port, host, "/")
}

pub fn get_path(port: u16, host: &str, path: &str) -> Answer {
    exchange(connect(port), format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Sends the bytes as they are and reads until the other side closes.
pub fn exchange(mut stream: TcpStream, request: &[u8]) -> Answer {
    // A server may answer and close before it has read everything.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Answer {
    let (head, rest) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer, got {text:?}"));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no status in {head:?}"));
    let mut answer = Answer { status, head: head.to_string(), body: rest.to_string(), whole: true };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.whole = rest.ends_with("0\r\n\r\n");
        answer.body = chunks(rest);
    } else if let Some(length) = answer.header("content-length") {
        answer.whole = length.parse() == Ok(rest.len());
    }
    answer
}

fn chunks(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 || after.len() < size + 2 {
            break;
        }
        body.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    body
}
