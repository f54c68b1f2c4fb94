//! `app-host`: serves WebAssembly apps by host name, each request in a fresh instance within its app's limits.

mod admin;
mod app;
mod app_output;
mod args;
mod body;
mod flags;
mod folder;
mod guest;
mod host_name;
mod listen;
mod loader;
mod log;
mod manifest;
mod memory;
mod metrics;
mod outbound;
mod pool;
mod registry;
mod room;
mod serve;
mod slot;
mod ticker;

use anyhow::{Context, Result};
use app_engine::{offer, settings};
use args::{Command, Settings};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

const SWEEP: Duration = Duration::from_secs(60);
/// Threads for name look-ups and for mapping components.
const BLOCKING_THREADS: usize = 64;

fn main() -> ExitCode {
    let settings = match args::parse(std::env::args().skip(1), memory::allowed_mb()) {
        Ok(Command::PrintEngine) => {
            println!("{}", settings::ENGINE);
            return ExitCode::SUCCESS;
        }
        Ok(Command::PrintUsage) => {
            println!("{}", args::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Command::Serve(settings)) => settings,
        Err(problem) => {
            eprintln!("app-host: {problem}");
            return ExitCode::from(2);
        }
    };
    log::start();
    let result = run(settings);
    if let Err(problem) = &result {
        log::line(&format!("app-host: {problem:#}"));
    }
    log::flush();
    // Without unmapping thousands of components one by one.
    std::process::exit(i32::from(result.is_err()))
}

fn run(settings: Settings) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.threads as usize)
        .max_blocking_threads(BLOCKING_THREADS)
        // Look at sockets after each task: guests that spin come back at each tick of the epoch, and with the default of
        // 61 tasks in between their neighbours would wait for half a second.
        .event_interval(1)
        .enable_all()
        .build()?
        .block_on(serve(settings))
}

async fn serve(settings: Settings) -> Result<()> {
    anyhow::ensure!(settings.folder.is_dir(), "{}: no such folder. The agent makes it; check --folder", settings.folder.display());
    let engine = pool::engine(settings.concurrency)?;
    let metrics = Arc::new(metrics::Metrics::default());
    let loader = loader::Loader::new(engine.clone(), offer::linker(&engine)?, metrics.clone());
    let server = Arc::new(serve::Server {
        registry: registry::Registry::new(folder::Folder::new(settings.folder.clone()), loader, settings.max_loaded as usize),
        room: room::Room::new(settings.concurrency, settings.memory_mb),
        ticker: ticker::Ticker::start(engine.clone()),
        metrics: metrics.clone(),
        max_body: (settings.max_body_mb as usize) << 20,
        engine,
    });
    let (listener, admin_listener) = (bind(settings.listen).await?, bind(settings.admin).await?);
    let draining = Arc::new(AtomicBool::new(false));
    let sweeper = server.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            sweeper.registry.sweep();
        }
    });
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stopping = draining.clone();
    let stop = async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.store(true, Relaxed);
        log::line("draining");
    };
    log::line(&format!(
        "app-host {}: apps on {}, admin on {}, {} MB for requests, {} components mapped at most",
        settings::ENGINE,
        listener.local_addr()?,
        admin_listener.local_addr()?,
        settings.memory_mb,
        settings.max_loaded
    ));
    tokio::spawn(admin::Admin { metrics, draining }.serve(admin_listener));
    let connections =
        listen::Connections { server, concurrency: settings.concurrency, header_time: Duration::from_secs(settings.header_seconds.into()) };
    match connections.serve(listener, stop, Duration::from_secs(settings.drain_seconds.into())).await {
        0 => log::line("drained"),
        cut => log::line(&format!("stopped: {cut} requests cut off after {} s", settings.drain_seconds)),
    }
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address}: cannot listen"))
}
