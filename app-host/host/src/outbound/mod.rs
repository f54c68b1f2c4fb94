//! Requests that apps make: nowhere by default, else to the hosts and ports that the app declares.

pub mod address;
pub mod allow;
pub mod connect;
pub mod send;
