use crate::support::folder::AppFolder;
use crate::support::program::Program;
use serde_json::json;
use std::process::Command;

#[test]
fn what_an_app_prints_is_logged_under_its_name_and_cannot_forge_lines() {
    let folder = AppFolder::new();
    folder.add("chatty", &test_guests::prints("first\nsecond \x1b[31mred\rlast without end"), json!({}));
    let program = Program::start(&folder);
    assert_eq!(program.get("chatty.test").status, 200);
    program.wait_for_line("last without end");
    let lines: Vec<String> = program.lines().into_iter().filter(|line| line.starts_with("chatty")).collect();
    assert_eq!(lines, ["chatty stdout: first", r"chatty stdout: second \u{1b}[31mred\rlast without end"]);
}

#[test]
fn the_command_line_is_checked_before_anything_starts() {
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_app-host")).args(arguments).output().unwrap();
    let engine = run(&["--engine"]);
    assert_eq!((engine.status.code(), String::from_utf8_lossy(&engine.stdout).as_ref()), (Some(0), "wasmtime-48.0.8\n"));
    let missing = run(&["--folder", "/nowhere"]);
    assert_eq!(
        (missing.status.code(), String::from_utf8_lossy(&missing.stderr).as_ref()),
        (Some(2), "app-host: --listen: missing. See app-host --help\n")
    );
    let nowhere = run(&["--folder", "/nowhere", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&nowhere.stderr), "app-host: /nowhere: no such folder. The agent makes it; check --folder\n");
}
