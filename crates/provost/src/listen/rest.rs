//! What a handler leaves of a request's body.
//!
//! A refusal needs no body, but a connection can carry another request only after the body of this
//! one. The HTTP library closes such a connection without saying so, and the client's next request
//! on it would fail.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::header::EXPECT,
};
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::{Body as _, Frame, Incoming, SizeHint},
};
use tokio::time::timeout;

/// Most bytes that are read for nothing; beyond it the connection is closed.
const MOST: u64 = 64 * 1024;

/// What was left, once the handler is done.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    left: Arc<Mutex<Option<Incoming>>>,
    /// The client waits to be asked for the body.
    waits: bool,
}

impl Rest {
    /// The request as handlers take it, and what will be left of its body.
    pub(super) fn lend(request: Request<Incoming>) -> (Request<Body>, Self) {
        if request.body().is_end_stream() {
            return (request.map(Body::new), Self::default());
        }
        let rest = Self {
            left: Arc::default(),
            waits: request.headers().contains_key(EXPECT),
        };
        let left = Arc::clone(&rest.left);
        let lend = |body| {
            Body::new(Lent {
                body: Some(body),
                left,
            })
        };
        (request.map(lend), rest)
    }

    /// Reads what was left, if it is little and comes soon; whether the connection can carry
    /// another request.
    pub(super) async fn read(self, soon: Duration) -> bool {
        let left = self
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut body) = left else { return true };
        if self.waits || body.size_hint().lower() > MOST {
            return false;
        }
        let read = async {
            let mut count = 0;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                count += frame.data_ref().map_or(0, |data| data.len() as u64);
                if count > MOST {
                    return false;
                }
            }
            true
        };
        timeout(soon, read).await.unwrap_or(false)
    }
}

/// A body that goes back when it is dropped before its end.
struct Lent {
    body: Option<Incoming>,
    left: Arc<Mutex<Option<Incoming>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map(Incoming::size_hint)
            .unwrap_or_default()
    }
}
