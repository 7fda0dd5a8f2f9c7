//! Answers that stream from a listing in constant memory.
//!
//! The first batch is read before the answer begins, so that a store that cannot serve becomes a
//! 503. An error after that cuts the connection: a client never takes half a list for the whole.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, HttpBody},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use provost_directory::{DirectoryError, view::Listing};

use super::{error::Failure, format::Format};

/// Where the entries come from, in batches from one consistent state.
pub(super) trait Source: Send + 'static {
    /// One entry.
    type Item: Send;
    /// The next batch; `None` after the last.
    fn next(
        &mut self,
    ) -> impl Future<Output = Option<Result<Vec<Self::Item>, DirectoryError>>> + Send;
}

impl<T: Send + 'static> Source for Listing<T> {
    type Item = T;

    async fn next(&mut self) -> Option<Result<Vec<T>, DirectoryError>> {
        Self::next(self).await
    }
}

/// How entries become text.
pub(super) trait Encode: Send + 'static {
    /// One entry.
    type Item;
    /// What comes before the first entry.
    fn open(&mut self, out: &mut String);
    /// One entry.
    fn item(&mut self, out: &mut String, item: &Self::Item);
    /// What comes after the last entry.
    fn close(&mut self, out: &mut String);
    /// Whether further entries would add nothing.
    fn is_full(&self) -> bool {
        false
    }
}

/// Encodes entries that are all at hand.
pub(super) fn encode_all<E: Encode>(mut encoder: E, items: &[E::Item]) -> String {
    let mut out = String::new();
    encoder.open(&mut out);
    for item in items {
        encoder.item(&mut out, item);
    }
    encoder.close(&mut out);
    out
}

/// Streams entries as they come.
pub(super) async fn stream<S, E>(
    mut source: S,
    mut encoder: E,
    format: Format,
) -> Result<Response, Failure>
where
    S: Source,
    E: Encode<Item = S::Item>,
{
    let mut out = String::new();
    encoder.open(&mut out);
    let is_whole = step(&mut source, &mut encoder, &mut out).await?;
    let body = Body::new(Chunks {
        ready: Some(Bytes::from(out)),
        rest: (!is_whole).then(|| rest(source, encoder)),
    });
    let content_type = HeaderValue::from_static(format.content_type());
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

/// Encodes one batch; `true` if the document is whole with it.
async fn step<S, E>(
    source: &mut S,
    encoder: &mut E,
    out: &mut String,
) -> Result<bool, DirectoryError>
where
    S: Source,
    E: Encode<Item = S::Item>,
{
    let batch = source.next().await.transpose()?;
    let is_last = batch.is_none();
    for item in batch.into_iter().flatten() {
        encoder.item(out, &item);
    }
    let is_whole = is_last || encoder.is_full();
    if is_whole {
        encoder.close(out);
    }
    Ok(is_whole)
}

type Rest = Pin<Box<dyn Future<Output = Result<Chunk, DirectoryError>> + Send>>;

/// A piece of the body and what comes after it.
struct Chunk {
    bytes: Bytes,
    rest: Option<Rest>,
}

fn rest<S, E>(mut source: S, mut encoder: E) -> Rest
where
    S: Source,
    E: Encode<Item = S::Item>,
{
    Box::pin(async move {
        let mut out = String::new();
        loop {
            let is_whole = step(&mut source, &mut encoder, &mut out).await?;
            if is_whole || !out.is_empty() {
                return Ok(Chunk {
                    bytes: Bytes::from(out),
                    rest: (!is_whole).then(|| rest(source, encoder)),
                });
            }
        }
    })
}

struct Chunks {
    ready: Option<Bytes>,
    rest: Option<Rest>,
}

impl HttpBody for Chunks {
    type Data = Bytes;
    type Error = DirectoryError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, DirectoryError>>> {
        if let Some(bytes) = self.ready.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        let Some(rest) = self.rest.as_mut() else {
            return Poll::Ready(None);
        };
        let outcome = ready!(rest.as_mut().poll(context));
        self.rest = None;
        Poll::Ready(Some(match outcome {
            Ok(chunk) => {
                self.rest = chunk.rest;
                Ok(Frame::data(chunk.bytes))
            }
            Err(error) => {
                tracing::error!(%error, "Crowd listing cut: the store became unavailable");
                Err(error)
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.ready.is_none() && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let ready = self.ready.as_ref().map_or(0, Bytes::len) as u64;
        let mut hint = SizeHint::new();
        hint.set_lower(ready);
        if self.rest.is_none() {
            hint.set_upper(ready);
        }
        hint
    }
}
