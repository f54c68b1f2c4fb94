//! The program as a whole.

mod store;

use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Output};
use store::Store;
use tempfile::TempDir;
use wasmtime::Engine;
use wasmtime::component::Component;

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_app-compile")).args(arguments).output().unwrap()
}

/// Compiles what is in a file; the exit code and what was said about it.
fn compile(folder: &Path, bytes: &[u8]) -> (Option<i32>, String) {
    let (from, to) = (folder.join("in.wasm"), folder.join("out.cwasm"));
    std::fs::write(&from, bytes).unwrap();
    let output = run(&["--from", from.to_str().unwrap(), "--sha256", &sha256(bytes), "--to", to.to_str().unwrap()]);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn refusal(bytes: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    let (code, message) = compile(folder.path(), bytes);
    assert_eq!(code, Some(5), "{message}");
    assert!(!folder.path().join("out.cwasm").exists());
    let prefix = format!("app-compile: component {}: ", sha256(bytes));
    message.strip_prefix(&prefix).unwrap_or_else(|| panic!("no {prefix:?} in {message:?}")).trim_end().to_string()
}

/// An engine as the app host's: no target and no processor features given.
fn loads(bytes: &[u8]) -> bool {
    let engine = Engine::new(&app_engine::settings::config()).unwrap();
    // SAFETY: compiled by the program under test.
    unsafe { Component::deserialize(&engine, bytes) }.is_ok()
}

#[test]
fn from_a_file_to_a_file() {
    let folder = TempDir::new().unwrap();
    let component = test_guests::answers("hi");
    assert_eq!(compile(folder.path(), &component).0, Some(0));
    let first = std::fs::read(folder.path().join("out.cwasm")).unwrap();
    assert!(loads(&first));
    assert_eq!(compile(folder.path(), &component).0, Some(0));
    assert_eq!(std::fs::read(folder.path().join("out.cwasm")).unwrap(), first, "the same component gives the same file");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no drafts are left");
}

#[test]
fn from_a_store_to_a_store_as_a_request_file_says() {
    let component = test_guests::answers("hi");
    let store = Store::start(vec![("200 OK", component.clone()), ("200 OK", Vec::new())]);
    let folder = TempDir::new().unwrap();
    let request = folder.path().join("request.json");
    let json = serde_json::json!({
        "from": format!("{}/bucket/in.wasm?X-Amz-Signature=abc", store.url), "sha256": sha256(&component),
        "to": format!("{}/bucket/out%20put.cwasm?X-Amz-Signature=def", store.url),
    });
    std::fs::write(&request, json.to_string()).unwrap();
    let output = run(&["--request", request.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let seen = store.finish();
    assert!(seen[0].head.starts_with("GET /bucket/in.wasm?X-Amz-Signature=abc HTTP/1.1\r\n"), "{}", seen[0].head);
    assert!(seen[1].head.starts_with("PUT /bucket/out%20put.cwasm?X-Amz-Signature=def HTTP/1.1\r\n"), "{}", seen[1].head);
    assert!(loads(&seen[1].body));
}

#[test]
fn what_the_store_says_is_passed_on_without_the_permission_in_its_url() {
    let component = test_guests::answers("hi");
    let denied = b"<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>".to_vec();
    let store = Store::start(vec![("403 Forbidden", denied.clone())]);
    let from = format!("{}/in.wasm?X-Amz-Signature=secret", store.url);
    let output = run(&["--from", &from, "--sha256", &sha256(&component), "--to", "/nowhere/out"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    let expected =
        format!("app-compile: {}/in.wasm: 403 Forbidden <?xml version=\"1.0\"?> <Error><Code>AccessDenied</Code></Error>\n", store.url);
    assert_eq!(said, expected);

    let store = Store::start(vec![("200 OK", component.clone()), ("403 Forbidden", denied)]);
    let (from, to) = (format!("{}/in.wasm", store.url), format!("{}/out?X-Amz-Signature=secret", store.url));
    let output = run(&["--from", &from, "--sha256", &sha256(&component), "--to", &to]);
    assert_eq!(output.status.code(), Some(6));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("secret"));
}

#[test]
fn each_failure_has_its_exit_code() {
    let component = test_guests::answers("hi");
    let folder = TempDir::new().unwrap();
    let from = folder.path().join("in.wasm");
    std::fs::write(&from, &component).unwrap();
    let from = from.to_str().unwrap();
    let code = |arguments: &[&str]| run(arguments).status.code();
    assert_eq!(code(&["--from", from]), Some(2));
    assert_eq!(code(&["--from", "/nowhere/in", "--sha256", &sha256(&component), "--to", "/nowhere/out"]), Some(3));
    assert_eq!(code(&["--from", from, "--sha256", &sha256(b"other"), "--to", "/nowhere/out"]), Some(4));
    assert_eq!(code(&["--from", from, "--sha256", &sha256(&component), "--to", "/nowhere/out"]), Some(6));
}

#[test]
fn what_is_no_component_is_named() {
    assert_eq!(refusal(b"hello"), "not WebAssembly; expected a component in the binary format");
    let module = wat::parse_str("(module)").unwrap();
    assert_eq!(
        refusal(&module),
        "a core WebAssembly module; expected a component. Build it for wasi:http, for example with jco componentize"
    );
}

#[test]
fn everything_that_is_not_offered_is_listed() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:keyvalue/store@0.2.0-draft" (instance (export "open" (func))))
            (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))) (export "roll-dice" (func))))
            (import "my:own/thing" (instance (export "f" (func))))
            (import "bare" (func))
            (import "wasi:cli/stdout@0.3.0" (instance (export "g" (func)))))"#,
    )
    .unwrap();
    assert_eq!(
        refusal(&component),
        "imports what the app host does not offer: wasi:keyvalue/store@0.2.0-draft, wasi:random/random@0.2.0#roll-dice, my:own/thing, bare, \
         wasi:cli/stdout@0.3.0. It offers WASI 0.2.12 and earlier 0.2 versions, with wasi:http"
    );
}

#[test]
fn a_component_that_answers_no_requests_is_refused() {
    let component =
        wat::parse_str(r#"(component (import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))))))"#)
            .unwrap();
    assert_eq!(refusal(&component), "does not export wasi:http/incoming-handler@0.2.x; expected a component that answers HTTP requests");
}
