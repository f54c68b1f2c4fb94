//! Components for tests, a few kilobytes each: WebAssembly text around one small difference.

use std::path::PathBuf;
use std::process::Command;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const PRELUDE: &str = include_str!("prelude.wat");

/// Answers 200 with `text`.
pub fn answers(text: &str) -> Vec<u8> {
    component(&format!("{}(call $respond (local.get $out) (i32.const 200) (i32.const 1024) (i32.const {}))", data(text), text.len()))
}

/// Computes without end.
pub fn spins() -> Vec<u8> {
    component("(loop $more (br $more))")
}

/// Waits, then answers 200.
pub fn sleeps(milliseconds: u64) -> Vec<u8> {
    component(&format!("(call $sleep (i64.const {})) (call $ok (local.get $out))", milliseconds * 1_000_000))
}

/// Takes that many more pages of 64 KiB, then answers 200.
pub fn grows(pages: u32) -> Vec<u8> {
    component(&format!("(drop (memory.grow (i32.const {pages}))) (call $ok (local.get $out))"))
}

pub fn traps() -> Vec<u8> {
    component("(unreachable)")
}

/// Ends without an answer.
pub fn is_silent() -> Vec<u8> {
    component("")
}

/// Reads the whole body, then answers 200; ends without an answer when the body ends with an error.
pub fn reads_body() -> Vec<u8> {
    component("(if (call $read_all (local.get $request)) (then (call $ok (local.get $out))))")
}

/// Begins an answer of 200, sends a part of it, then computes without end.
pub fn cuts_answer() -> Vec<u8> {
    component("(drop (call $begin (local.get $out) (i32.const 200) (i32.const 1) (i32.const 2))) (loop $more (br $more))")
}

/// Answers 200, then goes on for a while.
pub fn works_after_answer(milliseconds: u64) -> Vec<u8> {
    component(&format!("(call $ok (local.get $out)) (call $sleep (i64.const {}))", milliseconds * 1_000_000))
}

/// Writes `text` to stdout, then answers 200.
pub fn prints(text: &str) -> Vec<u8> {
    component(&format!("{}(call $print (i32.const 1024) (i32.const {})) (call $ok (local.get $out))", data(text), text.len()))
}

/// Sends GET http://`authority`/ and answers 200 if there was a response, else 400 + the number of the error code.
pub fn fetches(authority: &str) -> Vec<u8> {
    component(&format!(
        "{}(call $respond (local.get $out) (call $fetch (i32.const 1024) (i32.const {})) (i32.const 0) (i32.const 0))",
        data(authority),
        authority.len()
    ))
}

/// `wasi:http/types.error-code`, as `fetches` adds them to 400.
pub mod error_code {
    pub const DESTINATION_IP_PROHIBITED: u16 = 4;
    pub const CONNECTION_REFUSED: u16 = 6;
    pub const HTTP_REQUEST_DENIED: u16 = 15;
}

/// Text in the instance's memory from 1024 on: written when it is needed, so that it can stand beside the code.
fn data(text: &str) -> String {
    text.bytes().enumerate().map(|(i, byte)| format!("(i32.store8 (i32.const {}) (i32.const {byte}))", 1024 + i)).collect()
}

/// A component whose handler has this body, with `$request` and `$out`.
pub fn component(handler: &str) -> Vec<u8> {
    let mut module = wat::parse_str(PRELUDE.replace(";; HANDLER", handler)).expect("the text is WebAssembly");
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(interfaces()).expect("the interfaces parse");
    let world = resolve.select_world(&[package], Some("bindings")).expect("the world is there");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata fits");
    ComponentEncoder::default().module(&module).and_then(|mut encoder| encoder.encode()).expect("the module fits the world")
}

/// The interfaces as wasmtime-wasi-http has them: always those of the locked version.
fn interfaces() -> PathBuf {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|p| p["name"] == "wasmtime-wasi-http").expect("wasmtime-wasi-http is locked");
    let manifest = PathBuf::from(package["manifest_path"].as_str().expect("a path"));
    manifest.with_file_name("wit")
}
