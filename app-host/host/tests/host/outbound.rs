use crate::support::folder::AppFolder;
use crate::support::program::Program;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use test_guests::error_code::{CONNECTION_REFUSED, DESTINATION_IP_PROHIBITED, HTTP_REQUEST_DENIED};

/// A place in the world: answers each request with 200 and passes its head on.
fn place() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, heads) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = String::new();
            let mut buffer = [0; 1024];
            while !head.contains("\r\n\r\n") {
                let read = stream.read(&mut buffer).unwrap();
                head.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            if sender.send(head).is_err() {
                return;
            }
        }
    });
    (port, heads)
}

#[test]
fn an_app_goes_nowhere_unless_it_may() {
    let (port, heads) = place();
    let target = format!("127.0.0.1:{port}");
    let folder = AppFolder::new();
    let guest = test_guests::fetches(&target);
    folder.add("none", &guest, json!({}));
    folder.add(
        "elsewhere",
        &guest,
        json!({"outbound": ["api.example:443", format!("127.0.0.1:{}", port ^ 1), format!("localhost:{port}")]}),
    );
    folder.add("permitted", &guest, json!({"outbound": [target]}));
    let program = Program::start(&folder);
    assert_eq!(program.get("none.test").status, 400 + HTTP_REQUEST_DENIED);
    assert_eq!(program.get("elsewhere.test").status, 400 + HTTP_REQUEST_DENIED);
    assert!(heads.try_recv().is_err(), "something arrived");
    assert_eq!(program.get("permitted.test").status, 200);
    let head = heads.recv().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("get / http/1.1\r\n") && head.contains(&format!("host: {target}\r\n")), "{head}");
}

#[test]
fn machine_credentials_are_out_of_reach_even_when_listed() {
    let folder = AppFolder::new();
    for (name, target) in [("aws", "169.254.169.254:80"), ("linklocal", "169.254.1.2:80"), ("six", "[fd00:ec2::254]:80")] {
        folder.add(name, &test_guests::fetches(target), json!({"outbound": [target]}));
    }
    let program = Program::start(&folder);
    for name in ["aws", "linklocal", "six"] {
        assert_eq!(program.get(&format!("{name}.test")).status, 400 + DESTINATION_IP_PROHIBITED, "{name}");
    }
}

#[test]
fn an_app_is_told_that_nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("127.0.0.1:{port}");
    let folder = AppFolder::new();
    folder.add("refused", &test_guests::fetches(&target), json!({"outbound": [target]}));
    assert_eq!(Program::start(&folder).get("refused.test").status, 400 + CONNECTION_REFUSED);
}

#[test]
fn waiting_for_an_answer_from_outside_is_within_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let folder = AppFolder::new();
    folder.add("wait", &test_guests::fetches(&target), json!({"outbound": [target], "timeout_ms": 300}));
    let program = Program::start(&folder);
    assert_eq!(program.get("wait.test").reason(), Some("timeout"));
    // The connection ends with the request that made it.
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(10))).unwrap();
    stream.read_to_end(&mut Vec::new()).expect("closed by the program");
}
