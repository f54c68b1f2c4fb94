//! What the app host and the compile program must agree on: engine settings, the interfaces offered to apps, trusted TLS roots.

pub mod offer;
pub mod settings;
pub mod tls;
