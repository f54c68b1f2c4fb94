//! What happened to one request, noted where it happens and read where it ends.

use std::sync::atomic::AtomicBool;

#[derive(Default)]
pub struct Flags {
    /// The app has begun its answer.
    pub begun: AtomicBool,
    pub over_memory: AtomicBool,
    pub body_too_large: AtomicBool,
}
