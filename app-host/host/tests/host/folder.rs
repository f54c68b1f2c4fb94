use crate::support::client::{self, exchange};
use crate::support::folder::AppFolder;
use crate::support::program::Program;
use serde_json::json;
use std::os::unix::fs::symlink;

#[test]
fn a_name_that_nobody_has_is_404() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("hi"), json!({}));
    let program = Program::start(&folder);
    for host in ["other.test", "hello", "hello.test.evil.test", "hello.json", "apps"] {
        let answer = program.get(host);
        assert_eq!((answer.status, answer.reason()), (404, Some("unknown-host")), "{host}");
    }
}

#[test]
fn a_host_header_never_becomes_a_path() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("hi"), json!({}));
    symlink("../apps/hello.json", folder.path().join("sneaky")).unwrap();
    let program = Program::start(&folder);
    for host in ["../sneaky", "..", ".", "", "hosts/../hello.test", "/hello.test", "hello.test/", "%2e%2e", "hello.test\\..", "[::1]"] {
        let answer = program.get(host);
        assert_eq!(answer.status, 400, "{host:?}");
    }
    let twice = b"GET / HTTP/1.1\r\nHost: hello.test\r\nHost: hello.test\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(client::connect(program.port), twice).reason(), Some("bad-host"));
    let none = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(client::connect(program.port), none).reason(), Some("bad-host"));
}

#[test]
fn a_link_that_leads_out_of_the_folder_is_nothing() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("hi"), json!({}));
    for (host, target) in [("absolute.test", folder.path().join("apps/hello.json")), ("detour.test", "../apps/../apps/hello.json".into())] {
        symlink(target, folder.path().join("hosts").join(host)).unwrap();
    }
    let program = Program::start(&folder);
    for host in ["absolute.test", "detour.test"] {
        assert_eq!(program.get(host).reason(), Some("unknown-host"), "{host}");
    }
}

#[test]
fn apps_come_and_go_and_move_while_it_runs() {
    let folder = AppFolder::new();
    let program = Program::start(&folder);
    assert_eq!(program.get("hello.test").status, 404);
    folder.add("hello", &test_guests::answers("one"), json!({}));
    assert_eq!(program.get("hello.test").body, "one", "a new app is there with the first request");

    folder.add("other", &test_guests::answers("two"), json!({}));
    folder.link("hello.test", "other");
    program.get_until("hello.test", |answer| answer.body == "two");

    folder.remove("hosts/hello.test");
    program.get_until("hello.test", |answer| answer.status == 404);
    folder.remove("apps/other.json");
    program.get_until("other.test", |answer| answer.status == 404);
    program.wait_for_metric("app_host_loaded", 1);
}

#[test]
fn a_release_takes_over_without_a_gap() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("one"), json!({}));
    let program = Program::start(&folder);
    assert_eq!(program.get("hello.test").body, "one");
    let release = "f".repeat(64);
    folder.write("compiled/next.cwasm", &crate::support::folder::compiled(&test_guests::answers("two")));
    folder.write_manifest("hello", json!({"compiled": "next.cwasm", "component": release}));
    let answer = program.get_until("hello.test", |answer| {
        assert_eq!(answer.status, 200);
        answer.body == "two"
    });
    assert_eq!(answer.header("x-app-release"), Some(release.as_str()));
    program.wait_for_metric("app_host_loaded", 1);
}

#[test]
fn what_is_broken_leaves_the_last_good_one() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("one"), json!({}));
    let program = Program::start(&folder);
    assert_eq!(program.get("hello.test").body, "one");
    let still_served = |problem: &str| {
        program.get_until("hello.test", |answer| {
            assert_eq!((answer.status, answer.body.as_str()), (200, "one"));
            program.lines().iter().any(|line| line.contains(problem) && line.ends_with("the last good one is kept"))
        });
    };
    folder.write("apps/hello.json", b"{ half a manif");
    still_served("hello.json: ");
    folder.write_manifest("hello", json!({"memory_mb": 0}));
    still_served("memory_mb: got 0; expected 1 to 4096");
    folder.write_manifest("hello", json!({"compiled": "absent.cwasm"}));
    still_served("absent.cwasm: ");
    folder.write("compiled/garbage.cwasm", b"\x7fELF no");
    folder.write_manifest("hello", json!({"compiled": "garbage.cwasm"}));
    still_served("garbage.cwasm: ");
    folder.write("compiled/good.cwasm", &crate::support::folder::compiled(&test_guests::answers("two")));
    folder.write_manifest("hello", json!({"compiled": "good.cwasm"}));
    program.get_until("hello.test", |answer| answer.body == "two");
}

#[test]
fn an_app_that_never_was_good_is_500_until_it_is() {
    let folder = AppFolder::new();
    folder.add("hello", &test_guests::answers("hi"), json!({"timeout_ms": 0}));
    let program = Program::start(&folder);
    let answer = program.get("hello.test");
    assert_eq!((answer.status, answer.reason()), (500, Some("not-loadable")));
    program.wait_for_line("timeout_ms: got 0; expected 1 to 600000; the app is not served");
    folder.write_manifest("hello", json!({}));
    assert_eq!(program.get_until("hello.test", |answer| answer.status == 200).body, "hi");
}

#[test]
fn more_apps_than_may_be_mapped_take_turns() {
    let folder = AppFolder::new();
    let names: Vec<String> = (0..6).map(|i| format!("app{i}")).collect();
    for name in &names {
        folder.add(name, &test_guests::answers(name), json!({}));
    }
    let program = Program::start_with(&folder, &["--max-loaded", "2"]);
    for _ in 0..3 {
        for name in &names {
            assert_eq!(program.get(&format!("{name}.test")).body, *name);
        }
    }
    program.wait_for_metric("app_host_loaded", 2);
    assert_eq!(program.metric("app_host_loads_total"), 18);
}
