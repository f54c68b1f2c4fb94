//! A connection to a permitted target: name looked up once, each address checked, the checked address connected to, so
//! that no second lookup can lead elsewhere.

use super::address;
use super::allow::Target;
use app_engine::tls;
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use wasmtime_wasi_http::Error;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub async fn connect(target: &Target) -> Result<Box<dyn Stream>, Error> {
    let found =
        tokio::net::lookup_host((target.host.as_str(), target.port)).await.map_err(|_| Error::DnsError { rcode: None, info_code: None })?;
    let stream = connect_to_first(permitted(found, &target.host)?).await?;
    let _ = stream.set_nodelay(true);
    if !target.tls {
        return Ok(Box::new(stream));
    }
    let name = tokio_rustls::rustls::pki_types::ServerName::try_from(target.host.clone()).map_err(|_| Error::HttpRequestUriInvalid)?;
    let stream = tokio_rustls::TlsConnector::from(tls::client_config()).connect(name, stream).await.map_err(tls_error)?;
    Ok(Box::new(stream))
}

fn permitted(found: impl Iterator<Item = SocketAddr>, host: &str) -> Result<Vec<SocketAddr>, Error> {
    let (good, bad): (Vec<_>, Vec<_>) = found.partition(|a| address::permits(a.ip(), host));
    match (good.is_empty(), bad.is_empty()) {
        (false, _) => Ok(good),
        (true, false) => Err(Error::DestinationIpProhibited),
        (true, true) => Err(Error::DestinationNotFound),
    }
}

async fn connect_to_first(addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    let mut last = Error::DestinationNotFound;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => last = Error::ConnectionRefused,
            Err(e) => last = Error::Connect(e),
        }
    }
    Err(last)
}

fn tls_error(error: io::Error) -> Error {
    let cause = error.get_ref().and_then(|e| e.downcast_ref::<tokio_rustls::rustls::Error>());
    if matches!(cause, Some(tokio_rustls::rustls::Error::InvalidCertificate(_))) { Error::TlsCertificateError } else { Error::Tls(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_inside_is_refused_and_other_addresses_of_it_are_kept() {
        let addresses = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let inside = addresses(&["127.0.0.1:443", "169.254.169.254:443"]);
        assert!(matches!(permitted(inside.into_iter(), "evil.example"), Err(Error::DestinationIpProhibited)));
        let mixed = addresses(&["127.0.0.1:443", "203.0.113.7:443"]);
        assert_eq!(permitted(mixed.into_iter(), "mixed.example").unwrap(), addresses(&["203.0.113.7:443"]));
        assert!(matches!(permitted(std::iter::empty(), "gone.example"), Err(Error::DestinationNotFound)));
    }
}
