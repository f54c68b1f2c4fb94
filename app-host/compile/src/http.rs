//! One request over HTTP/1.1. Plain HTTP is fine: what is fetched is checked against its checksum, and the endpoint of an
//! emulated store has no certificate.

use app_engine::tls;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// Largest component.
const MAX_BYTES: usize = 256 << 20;
/// For the whole of it.
const TIME: Duration = Duration::from_secs(300);
const CONNECT_TIME: Duration = Duration::from_secs(10);

type Problem = Box<dyn Error + Send + Sync>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The answer's body; any status but 2xx is an error that carries the beginning of it.
pub async fn send(method: Method, url: &Uri, body: Bytes) -> Result<Bytes, String> {
    let exchange = async {
        let response = exchange(method, url, body).await?;
        let status = response.status();
        let bytes = Limited::new(response.into_body(), MAX_BYTES).collect().await?.to_bytes();
        Ok::<_, Problem>((status, bytes))
    };
    match timeout(TIME, exchange).await {
        Err(_) => Err(format!("no answer after {} s", TIME.as_secs())),
        Ok(Err(problem)) => Err(one_line(problem.as_ref())),
        Ok(Ok((status, bytes))) if status.is_success() => Ok(bytes),
        Ok(Ok((status, bytes))) => {
            Err(format!("{status} {}", String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).replace(['\r', '\n'], " ").trim()))
        }
    }
}

async fn exchange(method: Method, url: &Uri, body: Bytes) -> Result<Response<Incoming>, Problem> {
    let stream = timeout(CONNECT_TIME, connect(url)).await.map_err(|_| format!("no connection after {} s", CONNECT_TIME.as_secs()))??;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let authority = url.authority().ok_or("no host")?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder().method(method).uri(path).header(HOST, authority.as_str()).body(Full::new(body))?;
    Ok(sender.send_request(request).await?)
}

async fn connect(url: &Uri) -> Result<Box<dyn Stream>, Problem> {
    let tls = url.scheme_str() == Some("https");
    let host = url.host().ok_or("no host")?.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, url.port_u16().unwrap_or(if tls { 443 } else { 80 }))).await?;
    if !tls {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_string())?;
    Ok(Box::new(TlsConnector::from(tls::client_config()).connect(name, stream).await?))
}

fn one_line(problem: &(dyn Error + Send + Sync)) -> String {
    let mut text = problem.to_string();
    let mut source = problem.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
