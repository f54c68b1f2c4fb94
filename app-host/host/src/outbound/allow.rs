//! The app's list of places it may connect to.

use hyper::Uri;
use hyper::http::uri::Scheme;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Lower case; an IPv6 address without brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
}

impl Target {
    pub fn of(uri: &Uri) -> Option<Self> {
        let tls = uri.scheme() != Some(&Scheme::HTTP);
        let authority = uri.authority()?;
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        (!host.is_empty() && !authority.as_str().contains('@')).then_some(Self { host, port, tls })
    }
}

/// Exact `host:port` entries; an IPv6 address with or without brackets.
pub fn permits(allowed: &[String], target: &Target) -> bool {
    allowed.iter().filter_map(|entry| entry.rsplit_once(':')).any(|(host, port)| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == target.host && port.parse() == Ok(target.port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(allowed: &str, uri: &str) -> bool {
        Target::of(&uri.parse().unwrap()).is_some_and(|target| permits(&[allowed.to_string()], &target))
    }

    #[test]
    fn only_the_exact_host_and_port() {
        assert!(permitted("api.example:443", "https://api.example/x"));
        assert!(permitted("api.example:443", "https://API.Example:443/"));
        assert!(permitted("api.example:80", "http://api.example"));
        assert!(permitted("[2001:db8::1]:8443", "https://[2001:DB8::1]:8443/"));
        for uri in [
            "http://api.example/",
            "https://api.example:8443/",
            "https://x.api.example/",
            "https://api.example.evil/",
            "https://api.example@evil.example/",
        ] {
            assert!(!permitted("api.example:443", uri), "{uri}");
        }
    }

    #[test]
    fn an_empty_list_permits_nothing() {
        assert!(!permits(&[], &Target { host: "api.example".into(), port: 443, tls: true }));
    }
}
