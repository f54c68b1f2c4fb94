//! The interfaces that apps may import: all of WASI 0.2 (an empty context grants nothing) and wasi:http.

use wasmtime::component::Linker;
use wasmtime::{Engine, Result};
use wasmtime_wasi::WasiView;
use wasmtime_wasi_http::WasiHttpView;

/// Version of the WASI interfaces; components made for an earlier 0.2 fit as well.
pub const WASI_VERSION: &str = "0.2.12";

pub fn linker<T: WasiView + WasiHttpView + 'static>(engine: &Engine) -> Result<Linker<T>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}
