//! Engine settings. Native code loads only into an engine with exactly the settings that it was compiled with, so every
//! setting that shapes code is stated here and nowhere else, defaults included where they depend on Cargo features.

use wasmtime::{Collector, Config};

/// Name of the engine, part of the key under which a compiled component is stored.
pub const ENGINE: &str = "wasmtime-48.0.8";

/// Settings shared by compiling and serving; each program adds only what concerns itself.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        // Guests give the thread back on each tick of the epoch, so that one that spins cannot hold a worker.
        .epoch_interruption(true)
        .collector(Collector::DeferredReferenceCounting)
        // 12 % smaller files: traps are told apart by their kind, no map from native to Wasm addresses is needed.
        .generate_address_map(false)
        .native_unwind_info(false)
        // Rust's answer to a trap is logged with its cause; frames of unnamed functions say nothing more.
        .wasm_backtrace_max_frames(None)
        // No shared memories: an instance lives for one request and runs on one thread.
        .wasm_threads(false);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_is_named_as_the_locked_version() {
        let lock = include_str!("../../Cargo.lock");
        let version = ENGINE.strip_prefix("wasmtime-").expect("a name with a version");
        assert!(lock.contains(&format!("name = \"wasmtime\"\nversion = \"{version}\"\n")), "Cargo.lock has another wasmtime than {ENGINE}");
    }
}
