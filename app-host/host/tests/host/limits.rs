use crate::support::client::{self, exchange};
use crate::support::folder::{AppFolder, RELEASE};
use crate::support::program::Program;
use serde_json::json;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

#[test]
fn an_app_answers_and_says_which_release_it_is() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("good day"), json!({}));
    let program = Program::start(&folder);
    for host in ["hello.test", "HELLO.test:8080", "hello.test."] {
        let answer = program.get(host);
        assert_eq!((answer.status, answer.body.as_str(), answer.whole), (200, "good day", true));
        assert_eq!((answer.header("x-app-release"), answer.reason()), (Some(RELEASE), None));
    }
    assert_eq!(program.metric("app_host_requests_total{outcome=\"answered\"}"), 3);
    assert_eq!(program.metric("app_host_loads_total"), 1);
}

#[test]
fn time_is_up_for_one_that_computes_and_for_one_that_waits() {
    let folder = AppFolder::new();
    folder.add("spin", &test_guests::spins(), json!({"timeout_ms": 300}));
    folder.add("sleep", &test_guests::sleeps(60_000), json!({"timeout_ms": 300}));
    folder.add("quick", &test_guests::sleeps(10), json!({"timeout_ms": 300}));
    let program = Program::start(&folder);
    assert_eq!(program.get("quick.test").status, 200);
    for host in ["spin.test", "sleep.test"] {
        let start = Instant::now();
        let answer = program.get(host);
        assert_eq!((answer.status, answer.reason()), (504, Some("timeout")), "{host}");
        assert!(start.elapsed() >= Duration::from_millis(300), "{host} was cut early");
    }
}

#[test]
fn neighbours_of_apps_that_spin_on_every_thread_are_served() {
    let folder = AppFolder::new();
    folder.add("spin", &test_guests::spins(), json!({"timeout_ms": 8000}));
    folder.add("hello", &test_guests::answers("hi"), json!({}));
    let program = Program::start(&folder);
    assert_eq!(program.get("hello.test").status, 200);
    let port = program.port;
    let spinning: Vec<_> = (0..4).map(|_| std::thread::spawn(move || client::get(port, "spin.test"))).collect();
    program.wait_for_metric("app_host_inflight", 4);
    for _ in 0..10 {
        assert_eq!(program.get("hello.test").body, "hi");
    }
    assert_eq!(program.metric("app_host_inflight"), 4, "the spinning ones ended before their neighbours were served");
    drop(program);
    for thread in spinning {
        // Their connections broke with the program.
        let _ = thread.join();
    }
}

#[test]
fn memory_is_limited_for_all_memories_of_an_instance() {
    let folder = AppFolder::new();
    folder.add("small", &test_guests::grows(16 * 16 - 1), json!({"memory_mb": 16}));
    folder.add("large", &test_guests::grows(16 * 16), json!({"memory_mb": 16}));
    let program = Program::start(&folder);
    assert_eq!(program.get("small.test").status, 200);
    let answer = program.get("large.test");
    assert_eq!((answer.status, answer.reason()), (507, Some("memory-limit")));
}

#[test]
fn a_trap_and_no_answer_are_told_apart() {
    let folder = AppFolder::new();
    folder.add("trap", &test_guests::traps(), json!({}));
    folder.add("silent", &test_guests::is_silent(), json!({}));
    let program = Program::start(&folder);
    let answer = program.get("trap.test");
    assert_eq!((answer.status, answer.reason()), (500, Some("trap")));
    assert!(program.wait_for_line("trap: trap: ").contains("unreachable"));
    let answer = program.get("silent.test");
    assert_eq!((answer.status, answer.reason()), (500, Some("no-response")));
}

#[test]
fn an_app_has_so_many_requests_and_its_neighbour_is_not_concerned() {
    let folder = AppFolder::new();
    folder.add("sleep", &test_guests::sleeps(5_000), json!({"concurrency": 1}));
    folder.add("hello", &test_guests::answers("hi"), json!({"concurrency": 1}));
    let program = Program::start(&folder);
    let port = program.port;
    let first = std::thread::spawn(move || client::get(port, "sleep.test").status);
    program.wait_for_metric("app_host_inflight", 1);
    let second = program.get("sleep.test");
    assert_eq!((second.status, second.reason()), (503, Some("busy")));
    assert_eq!(program.get("hello.test").status, 200);
    assert_eq!(first.join().unwrap(), 200);
    assert_eq!(program.get("sleep.test").status, 200, "the place is free again");
}

#[test]
fn all_apps_together_stay_within_the_memory_that_is_there() {
    let folder = AppFolder::new();
    for name in ["a", "b"] {
        folder.add(name, &test_guests::sleeps(3_000), json!({"memory_mb": 40}));
    }
    folder.add("small", &test_guests::answers("hi"), json!({"memory_mb": 16}));
    let program = Program::start_with(&folder, &["--memory-mb", "64"]);
    let port = program.port;
    let first = std::thread::spawn(move || client::get(port, "a.test").status);
    program.wait_for_metric("app_host_inflight", 1);
    let second = program.get("b.test");
    assert_eq!((second.status, second.reason()), (503, Some("busy")));
    assert_eq!(program.get("small.test").status, 200, "there is room for a small one");
    assert_eq!(first.join().unwrap(), 200);
}

#[test]
fn a_body_has_so_many_bytes() {
    let folder = AppFolder::new();
    folder.add("read", &test_guests::reads_body(), json!({}));
    let program = Program::start_with(&folder, &["--max-body-mb", "1"]);
    let send = |framing: &str, body: &[u8]| {
        let mut request = format!("POST / HTTP/1.1\r\nHost: read.test\r\nConnection: close\r\n{framing}\r\n\r\n").into_bytes();
        request.extend_from_slice(body);
        exchange(client::connect(program.port), &request)
    };
    let megabyte = vec![b'x'; 1 << 20];
    assert_eq!(send("Content-Length: 1048576", &megabyte).status, 200);
    let announced = send("Content-Length: 1048577", b"");
    assert_eq!((announced.status, announced.reason()), (413, Some("body-too-large")));
    let chunk = [b"100000\r\n", megabyte.as_slice(), b"\r\n"].concat();
    assert_eq!(send("Transfer-Encoding: chunked", &[&chunk, b"0\r\n\r\n".as_slice()].concat()).status, 200);
    let unannounced = send("Transfer-Encoding: chunked", &[&chunk, b"1\r\nx\r\n0\r\n\r\n".as_slice()].concat());
    assert_eq!((unannounced.status, unannounced.reason()), (413, Some("body-too-large")));
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    let program = Program::start_with(&AppFolder::new(), &["--header-seconds", "1"]);
    let mut stream = client::connect(program.port);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a.te").unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("closed by the server, not by the test's patience");
    program.wait_for_metric("app_host_connections", 0);
}

#[test]
fn an_answer_that_its_app_does_not_end_is_cut_and_counted() {
    let folder = AppFolder::new();
    folder.add("cut", &test_guests::cuts_answer(), json!({"timeout_ms": 300}));
    let program = Program::start(&folder);
    let answer = program.get("cut.test");
    assert_eq!((answer.status, answer.whole), (200, false));
    program.wait_for_metric("app_host_cut_total", 1);
    program.wait_for_line("cut: answer cut: timeout");
}

#[test]
fn a_caller_that_goes_away_frees_its_place() {
    let folder = AppFolder::new();
    folder.add("sleep", &test_guests::sleeps(9_000), json!({}));
    let program = Program::start(&folder);
    let mut stream = client::connect(program.port);
    stream.write_all(b"GET / HTTP/1.1\r\nHost: sleep.test\r\n\r\n").unwrap();
    program.wait_for_metric("app_host_inflight", 1);
    let start = Instant::now();
    drop(stream);
    program.wait_for_metric("app_host_inflight", 0);
    assert!(start.elapsed() < Duration::from_secs(5), "it was not ended before its time");
    assert_eq!(program.metric("app_host_requests_total{outcome=\"gone\"}"), 1);
}
