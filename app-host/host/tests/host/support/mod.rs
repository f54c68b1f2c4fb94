pub mod client;
pub mod folder;
pub mod program;
