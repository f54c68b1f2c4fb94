use crate::support::client::{self, exchange};
use crate::support::folder::AppFolder;
use crate::support::program::Program;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn health(program: &Program) -> (u16, String) {
    let answer = client::get_path(program.admin_port, "admin", "/health");
    (answer.status, answer.body)
}

#[test]
fn requests_finish_and_nothing_new_begins() {
    let folder = AppFolder::new();
    folder.add("sleep", &test_guests::sleeps(2_000), json!({}));
    let mut program = Program::start(&folder);
    assert_eq!(health(&program), (200, "ok\n".to_string()));
    let stream = client::connect(program.port);
    let running = std::thread::spawn(move || exchange(stream, b"GET / HTTP/1.1\r\nHost: sleep.test\r\n\r\n"));
    program.wait_for_metric("app_host_inflight", 1);
    program.terminate();
    program.wait_for_line("draining");
    assert_eq!(health(&program), (503, "draining\n".to_string()));
    assert_eq!(program.metric("app_host_draining"), 1);
    let closed = Instant::now();
    while TcpStream::connect(("127.0.0.1", program.port)).is_ok() {
        assert!(closed.elapsed() < Duration::from_secs(1), "it still accepts");
    }
    let answer = running.join().unwrap();
    assert_eq!(answer.status, 200);
    assert!(program.wait().success());
    program.wait_for_line("drained");
}

#[test]
fn idle_connections_do_not_hold_it() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("hi"), json!({}));
    let mut program = Program::start(&folder);
    let mut stream = client::connect(program.port);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: hello.test\r\n\r\n").unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let before = Instant::now();
    program.terminate();
    assert!(program.wait().success());
    assert!(before.elapsed() < Duration::from_secs(5), "it waited for the idle connection");
}

#[test]
fn what_an_app_does_after_its_answer_is_waited_for() {
    let folder = AppFolder::new();
    folder.add("after", &test_guests::works_after_answer(1_000), json!({}));
    let mut program = Program::start(&folder);
    assert_eq!(program.get("after.test").status, 200);
    assert_eq!(program.metric("app_host_inflight"), 1);
    program.terminate();
    assert!(program.wait().success());
    program.wait_for_line("drained");
}

#[test]
fn the_time_for_it_is_bounded() {
    let folder = AppFolder::new();
    folder.add("sleep", &test_guests::sleeps(60_000), json!({"timeout_ms": 60_000}));
    let mut program = Program::start_with(&folder, &["--drain-seconds", "1"]);
    let stream = client::connect(program.port);
    (&stream).write_all(b"GET / HTTP/1.1\r\nHost: sleep.test\r\n\r\n").unwrap();
    program.wait_for_metric("app_host_inflight", 1);
    program.terminate();
    assert!(program.wait().success());
    program.wait_for_line("stopped: 1 requests cut off after 1 s");
}
