//! Whether the app host can serve a component; if not, what its team has to change, all at once.

use app_engine::offer::{self, WASI_VERSION};
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::{WasiHttpCtxView, WasiHttpView};

/// First bytes of a component; a core module has another layer.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
const HANDLER: &str = "wasi:http/incoming-handler@0.2.";

pub fn is_component(bytes: &[u8]) -> Result<(), String> {
    if bytes.starts_with(COMPONENT) {
        Ok(())
    } else if bytes.starts_with(MODULE) {
        Err("a core WebAssembly module; expected a component. Build it for wasi:http, for example with jco componentize".to_string())
    } else {
        Err("not WebAssembly; expected a component in the binary format".to_string())
    }
}

pub fn is_served(engine: &Engine, component: &Component) -> Result<(), String> {
    let problem = |e: wasmtime::Error| format!("{e:#}");
    let linker = offer::linker::<Nobody>(engine).map_err(problem)?;
    let missing = not_offered(engine, component, &linker);
    if !missing.is_empty() {
        return Err(format!(
            "imports what the app host does not offer: {}. It offers WASI {WASI_VERSION} and earlier 0.2 versions, with wasi:http",
            missing.join(", ")
        ));
    }
    if !component.component_type().exports(engine).any(|(name, _)| name.starts_with(HANDLER)) {
        return Err(format!("does not export {HANDLER}x; expected a component that answers HTTP requests"));
    }
    let instance = linker.instantiate_pre(component).map_err(problem)?;
    ProxyPre::new(instance).map(drop).map_err(problem)
}

/// Names of the interfaces, and of functions where the interface is offered without them. Types need no offer.
fn not_offered(engine: &Engine, component: &Component, linker: &Linker<Nobody>) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            missing.push(name.to_string());
            continue;
        };
        let mut wanted = instance
            .exports(engine)
            .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
            .map(|(function, _)| function.to_string());
        let Some(offered) = offered_as(name) else {
            missing.extend(wanted.next().map(|_| name.to_string()));
            continue;
        };
        let (absent, present): (Vec<_>, Vec<_>) = wanted.partition(|function| !is_defined(linker, &offered, function));
        if present.is_empty() && !absent.is_empty() {
            missing.push(name.to_string());
        } else {
            missing.extend(absent.into_iter().map(|function| format!("{name}#{function}")));
        }
    }
    missing
}

/// The name in the linker's version: any 0.2 stands for the one that is offered.
fn offered_as(name: &str) -> Option<String> {
    let (interface, version) = name.split_once('@')?;
    let patch = version.strip_prefix("0.2.")?;
    patch.parse::<u32>().ok().map(|_| format!("{interface}@{WASI_VERSION}"))
}

/// A linker cannot be asked, but it refuses to define a name twice.
fn is_defined(linker: &Linker<Nobody>, interface: &str, name: &str) -> bool {
    let mut copy = linker.clone();
    let Ok(mut instance) = copy.instance(interface) else { return true };
    instance.func_wrap(name, |_, (): ()| Ok(())).is_err()
}

/// The state of a store that never is.
struct Nobody;

impl WasiView for Nobody {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        unreachable!("nothing is run here")
    }
}

impl WasiHttpView for Nobody {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        unreachable!("nothing is run here")
    }
}
