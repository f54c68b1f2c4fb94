//! An object store that answers as told, one request after the other.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

pub struct Store {
    pub url: String,
    thread: JoinHandle<Vec<Seen>>,
}

pub struct Seen {
    pub head: String,
    pub body: Vec<u8>,
}

impl Store {
    pub fn start(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let serve = |(status, body): (&str, Vec<u8>)| {
                let (mut stream, _) = listener.accept().unwrap();
                let seen = read(&mut stream);
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), &body].concat()).unwrap();
                seen
            };
            answers.into_iter().map(serve).collect()
        });
        Self { url, thread }
    }

    pub fn finish(self) -> Vec<Seen> {
        self.thread.join().unwrap()
    }
}

fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the request ends early");
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end + 2].to_vec()).unwrap();
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Seen { head, body: bytes.split_off(end + 4) };
        }
    }
}
