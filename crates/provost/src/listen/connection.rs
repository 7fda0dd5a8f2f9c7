//! One connection: requests one after the other until somebody ends it.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderValue, header::CONNECTION},
};
use hyper::{
    Request, Response,
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    MAX_HEAD, MAX_HEADERS, Settings,
    guard::{Guard, Phase, SharedPhase},
    proxied,
    rest::Rest,
};
use crate::{client_ip::Carried, deadlines::Deadlines, lifecycle::Lifecycle, surface::Surface};

type AnswerFuture = Pin<Box<dyn Future<Output = Result<Response<Tracked>, Infallible>> + Send>>;

/// Serves a connection to its end; closing lets the request under way finish, and one that has
/// begun to arrive.
pub(super) async fn serve(settings: Settings, mut stream: TcpStream, peer: SocketAddr) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let origin = match origin(&settings, &mut stream, peer).await {
        Ok(origin) => origin,
        Err(error) => {
            tracing::warn!(
                listener = settings.name, %peer, %error,
                "a trusted proxy sent no PROXY header of the version in client_address; closed"
            );
            return;
        }
    };
    let phase = SharedPhase::new();
    let guard = Guard::new(stream, phase.clone(), settings.deadlines);
    let surface = settings.surface;
    let lifecycle = settings.lifecycle.clone();
    let shared = phase.clone();
    let soon = settings.deadlines.linger;
    let service = service_fn(move |request| {
        shared.set(Phase::Busy);
        answer(
            surface.clone(),
            lifecycle.clone(),
            shared.clone(),
            origin,
            soon,
            request,
        )
    });
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .max_header_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(guard), service);
    let mut farewell = pin!(farewell(&settings.lifecycle, &phase, settings.deadlines));
    let mut told = false;
    let outcome = poll_fn(|cx| {
        // First, so that what has arrived by now counts as begun.
        let outcome = connection.poll_without_shutdown(cx);
        if outcome.is_ready() || told || farewell.as_mut().poll(cx).is_pending() {
            return outcome;
        }
        told = true;
        if phase.get() == Phase::Head {
            // Its answer says `Connection: close`; the library would drop the head.
            return outcome;
        }
        Pin::new(&mut connection).graceful_shutdown();
        connection.poll_without_shutdown(cx)
    })
    .await;
    if let Err(error) = outcome {
        tracing::debug!(listener = settings.name, %peer, %error, "connection ended early");
    }
    connection.into_parts().io.into_inner().close().await;
}

/// Resolves when the connection shall end: when the server closes, and for a connection on which
/// nothing has come yet a moment later, because its first request may be on the way.
async fn farewell(lifecycle: &Lifecycle, phase: &SharedPhase, deadlines: Deadlines) {
    lifecycle.closing().await;
    if phase.get() == Phase::Fresh {
        sleep(deadlines.linger).await;
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
struct Origin {
    peer: SocketAddr,
    carried: Option<Carried>,
}

async fn origin(
    settings: &Settings,
    stream: &mut TcpStream,
    peer: SocketAddr,
) -> io::Result<Origin> {
    let carried = match settings.clients.proxy(peer.ip()) {
        Some(version) => {
            let source = proxied::source(stream, version);
            Some(Carried(timeout(settings.deadlines.proxy, source).await??))
        }
        None => None,
    };
    Ok(Origin { peer, carried })
}

fn answer(
    surface: Surface,
    lifecycle: Lifecycle,
    phase: SharedPhase,
    origin: Origin,
    soon: Duration,
    request: Request<Incoming>,
) -> AnswerFuture {
    let (mut request, rest) = Rest::lend(request);
    request.extensions_mut().insert(ConnectInfo(origin.peer));
    if let Some(carried) = origin.carried {
        request.extensions_mut().insert(carried);
    }
    Box::pin(async move {
        let mut response = surface.answer(request).await;
        if !rest.read(soon).await || lifecycle.is_draining() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Ok(response.map(|body| Tracked { body, phase }))
    })
}

/// The body of an answer; when it is done with, the connection is idle again.
struct Tracked {
    body: Body,
    phase: SharedPhase,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.phase.set(Phase::Idle);
    }
}

impl hyper::body::Body for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
