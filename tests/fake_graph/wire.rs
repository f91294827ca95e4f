//! Sockets: HTTP/1.1 on two listeners. Comes in: bytes. Goes out: bytes, and what the trouble asks for
//! instead of them. Not here: what is answered (`service`).
//!
//! hyper and no framework above it: only here can a connection be reset or cut.

use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::log::Door;
use super::reply::{Ask, Delivery, Payload, Reply};
use super::service::{Service, kind};

/// No request is longer.
const LONGEST: usize = 8 << 20;

/// Bodies shorter than this are not worth compressing.
const WORTH: usize = 1024;

/// The connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Serves a listener until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, service: Arc<Service>, door: Door) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, Arc::clone(&service), door))),
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>, door: Door) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&reset);
    let handler =
        service_fn(move |request| Box::pin(exchange(Arc::clone(&service), door, request, Arc::clone(&flag))));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), handler);
    let ended = Pin::new(&mut connection).await;
    if ended.is_err() && reset.load(Ordering::Relaxed) {
        // Closing with a linger of zero sends RST instead of FIN.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

async fn exchange(
    service: Arc<Service>,
    door: Door,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Result<Response<Body>, Dropped> {
    let _running = service.log.running();
    let latency = service.settings.scaled(service.settings.latency);
    let ask = read(request).await;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let at = service.started.elapsed();
    let mut reply = match door {
        Door::Elsewhere => service.other(&ask),
        Door::Graph | Door::Batch => service.graph(&ask, now()),
    };
    let body = bytes(&mut reply, service.settings.gzip && ask.header("accept-encoding").contains("gzip"));
    service.log.note(door, &ask, (reply.status, body.len() as u64), at, service.settings.record);
    match reply.delivery {
        Delivery::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Dropped)
        }
        Delivery::Silent => std::future::pending().await,
        Delivery::Whole | Delivery::Cut | Delivery::Slow(..) => Ok(response(&reply, body)),
    }
}

/// The time of the service; tests of quotas pass their own.
fn now() -> Instant {
    Instant::now()
}

async fn read(request: Request<Incoming>) -> Ask {
    let (parts, body) = request.into_parts();
    let header = |(name, value): (&axum::http::HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Ask {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(header).collect(),
        body: to_bytes(Body::new(body), LONGEST).await.map(|bytes| bytes.to_vec()).unwrap_or_default(),
    }
}

/// The body as it is sent.
fn bytes(reply: &mut Reply, compress: bool) -> Bytes {
    let plain = match &mut reply.payload {
        Payload::Json(body) => serde_json::to_vec(body).unwrap_or_default(),
        Payload::Raw(_, bytes) => std::mem::take(bytes),
        Payload::Gzip(bytes) => {
            let bytes = std::mem::take(bytes);
            reply.header("Content-Encoding", "gzip".into());
            return bytes.into();
        }
        Payload::Nothing => Vec::new(),
    };
    if compress && plain.len() > WORTH {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        if let Some(packed) = encoder.write_all(&plain).ok().and_then(|()| encoder.finish().ok()) {
            reply.header("Content-Encoding", "gzip".into());
            return packed.into();
        }
    }
    plain.into()
}

fn response(reply: &Reply, bytes: Bytes) -> Response<Body> {
    let length = bytes.len();
    let body = match reply.delivery {
        Delivery::Cut => {
            // The pause lets the first half out: an error at once would hold back the head as well.
            let aborted = async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(io::Error::from(io::ErrorKind::ConnectionAborted))
            };
            let half = stream::iter([Ok(bytes.slice(..length / 2))]);
            Body::from_stream(half.chain(stream::once(aborted)))
        }
        Delivery::Slow(step, pause) => Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
            if rest.is_empty() {
                return None;
            }
            tokio::time::sleep(pause).await;
            let part = rest.split_to(step.min(rest.len()));
            Some((Ok::<_, Infallible>(part), rest))
        })),
        Delivery::Whole | Delivery::Reset | Delivery::Silent => Body::from(bytes),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(kind) = kind(&reply.payload) {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    headers.insert("content-length", HeaderValue::from(length));
    headers.insert("odata-version", HeaderValue::from_static("4.0"));
    for (name, value) in &reply.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    response
}
