//! The program as a whole: started on a folder, asked over HTTP, stopped.

mod drain;
mod folder;
mod limits;
mod logging;
mod outbound;
mod support;
