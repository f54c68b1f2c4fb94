//! `app-compile`: turns a WebAssembly component into native code for `app-host`, which has no compiler.

mod check;
mod compiler;
mod failure;
mod http;
mod place;
mod request;

use bytes::Bytes;
use failure::Failure;
use request::Request;
use sha2::{Digest, Sha256};
use std::process::ExitCode;
use std::time::Instant;
use wasmtime::component::Component;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help") {
        println!("{}", request::USAGE);
        return ExitCode::SUCCESS;
    }
    let result = match request::parse(std::env::args().skip(1)) {
        Ok(request) => run(&request).await,
        Err(failure) => Err(failure),
    };
    match result {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("app-compile: {}", failure.message().replace('\n', " "));
            failure.exit_code()
        }
    }
}

async fn run(request: &Request) -> Result<String, Failure> {
    let component = request.from.read().await.map_err(Failure::Fetch)?;
    let found: String = Sha256::digest(&component).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != request.sha256 {
        return Err(Failure::Checksum(format!("{}: sha256 is {found}; expected {}", request.from, request.sha256)));
    }
    let started = Instant::now();
    let compiled = compile(&component).map_err(|problem| Failure::Component(format!("component {}: {problem}", request.sha256)))?;
    let seconds = started.elapsed().as_secs_f32();
    let report = format!("compiled {} in {seconds:.1} s: {} bytes to {} bytes", request.sha256, component.len(), compiled.len());
    request.to.write(compiled).await.map_err(Failure::Store)?;
    Ok(report)
}

fn compile(bytes: &[u8]) -> Result<Bytes, String> {
    check::is_component(bytes)?;
    let problem = |e: wasmtime::Error| format!("{e:#}");
    let engine = compiler::engine().map_err(problem)?;
    let component = Component::from_binary(&engine, bytes).map_err(problem)?;
    check::is_served(&engine, &component)?;
    component.serialize().map(Bytes::from).map_err(problem)
}
