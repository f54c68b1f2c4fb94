//! The state of one instance: what the app is given, which is its environment, its outputs, and its permitted targets.

use crate::app::App;
use crate::app_output::AppOutput;
use crate::flags::Flags;
use crate::outbound::send::Outbound;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Most elements of one table of an app.
pub const MAX_TABLE_ELEMENTS: usize = 100_000;
/// Most handles (streams, headers, requests ...) that one instance may hold.
const MAX_HANDLES: usize = 10_000;
/// Most bytes that one call may make this program copy out of the instance.
const MAX_CALL_BYTES: usize = 16 << 20;

pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    memory: MemoryLimit,
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

/// A store for one request.
pub fn store(engine: &Engine, app: &App, flags: Arc<Flags>) -> Store<Guest> {
    let output = |stream| AppOutput::new(app.name.clone(), stream, app.log_allowance.clone());
    let mut wasi = WasiCtx::builder();
    wasi.stdout(output("stdout")).stderr(output("stderr")).allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    for (key, value) in &app.manifest.env {
        wasi.env(key, value);
    }
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_HANDLES);
    let guest = Guest {
        table,
        wasi: wasi.build(),
        http: WasiHttpCtx::new(),
        outbound: Outbound::new(app.outbound.clone()),
        memory: MemoryLimit { max: (app.manifest.memory_mb as usize) << 20, used: 0, flags },
    };
    let mut store = Store::new(engine, guest);
    store.set_hostcall_fuel(MAX_CALL_BYTES);
    store.limiter(|guest| &mut guest.memory);
    // One tick, then the thread goes to others; the time limit around the call is what ends it.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    store
}

/// The limit is over all memories of the instance, and going over it ends the instance: many programs do not survive a
/// refused allocation in a way that anybody could tell.
struct MemoryLimit {
    max: usize,
    used: usize,
    flags: Arc<Flags>,
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used + (desired - current);
        if used > self.max {
            self.flags.over_memory.store(true, Relaxed);
            return Err(wasmtime::Error::msg(format!("memory limit: {used} bytes wanted, {} allowed", self.max)));
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }
}
