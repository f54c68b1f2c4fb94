//! Compiles for every machine of an architecture, not for the one that this happens to run on: a compile job runs on any
//! machine of the cluster, and its result on all of them.

use app_engine::settings;
use wasmtime::{Config, Engine, OptLevel, Result};

/// What x86-64-v2 has over the first x86-64: every server processor since 2009. WebAssembly's SIMD needs it to be fast.
#[cfg(target_arch = "x86_64")]
const CPU_FEATURES: &[&str] = &["has_cmpxchg16b", "has_popcnt", "has_sse3", "has_ssse3", "has_sse41", "has_sse42"];
/// ARMv8.0, as on every 64-bit Arm server.
#[cfg(not(target_arch = "x86_64"))]
const CPU_FEATURES: &[&str] = &[];

const LIBC: &str = if cfg!(target_env = "musl") { "musl" } else { "gnu" };

pub fn engine() -> Result<Engine> {
    let mut config: Config = settings::config();
    config.target(&format!("{}-unknown-linux-{LIBC}", std::env::consts::ARCH))?.cranelift_opt_level(OptLevel::Speed);
    for feature in CPU_FEATURES {
        // SAFETY: the app host checks a component's features against its machine before it maps it.
        unsafe { config.cranelift_flag_enable(feature) };
    }
    Engine::new(&config)
}
