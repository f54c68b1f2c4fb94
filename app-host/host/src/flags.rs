//! What happened to one request, noted where it happens and read where it ends.

use std::sync::atomic::AtomicBool;

#[derive(Default)]
pub struct Flags {
    /// The app has begun its answer.
    pub begun: AtomicBool,
    /// The app was ended after that, by itself or by a limit. Set before its instance is gone.
    pub cut: AtomicBool,
    pub over_memory: AtomicBool,
    pub body_too_large: AtomicBool,
}
