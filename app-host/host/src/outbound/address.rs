//! Addresses that apps never reach, whatever a name resolves to: a permitted name is somebody else's DNS entry, and it
//! may point at the machine's metadata service or at the machine itself.

use std::net::{IpAddr, Ipv6Addr};

/// Whether an app may connect to `address`, which it asked for as `host`. Loopback only if `host` is `localhost` or an
/// address: whoever wrote the app's list has decided on it then. Link-local, where clouds serve credentials, never.
pub fn permits(address: IpAddr, host: &str) -> bool {
    let address = embedded_v4(address);
    let loopback_named = host == "localhost" || host.parse::<IpAddr>().is_ok();
    let never = match address {
        IpAddr::V4(v4) => v4.octets()[0] == 0 || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_unicast_link_local() || v6.is_multicast() || is_cloud_service(v6),
    };
    !never && (!address.is_loopback() || loopback_named)
}

/// fd00:ec2::/32: the metadata, time and name services of EC2.
fn is_cloud_service(address: Ipv6Addr) -> bool {
    address.segments()[..2] == [0xfd00, 0x0ec2]
}

/// The IPv4 address that a mapped (::ffff:0:0/96) or translated (64:ff9b::/96) IPv6 address leads to.
fn embedded_v4(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::from([a, b, c, d])
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(address: &str, host: &str) -> bool {
        permits(address.parse().unwrap(), host)
    }

    #[test]
    fn never_link_local_metadata_or_multicast() {
        for address in [
            "169.254.169.254",
            "169.254.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "ff02::1",
            "::",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
        ] {
            assert!(!permitted(address, "api.example"), "{address}");
            assert!(!permitted(address, address), "{address} named literally");
        }
    }

    #[test]
    fn loopback_only_when_named() {
        for address in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(!permitted(address, "api.example"), "{address}");
            assert!(permitted(address, "localhost"), "{address}");
            assert!(permitted(address, address), "{address}");
        }
    }

    #[test]
    fn other_addresses_are_free() {
        for address in ["10.0.0.5", "192.168.1.1", "203.0.113.7", "2001:db8::1", "fd00:1::1"] {
            assert!(permitted(address, "api.example"), "{address}");
        }
    }
}
