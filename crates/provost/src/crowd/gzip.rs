//! gzip of answers, as the applications ask for it: a listing is then a tenth of its size.
//!
//! A body is compressed piece by piece as it comes, and every piece is flushed, so that memory
//! stays constant. A body that fails before its end fails here too: the trailer that makes a gzip
//! stream whole is written after the last piece only.

use std::{
    io::Write as _,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, HttpBody as _},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::body::{Frame, SizeHint};

/// Bodies that are known to be smaller, in bytes, are sent as they are.
const SMALLEST: u64 = 1024;
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");

/// Whether the client takes gzip (RFC 9110 section 12.5.3).
pub(super) fn is_accepted(headers: &HeaderMap) -> bool {
    let codings = || {
        headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
    };
    let named = |name: &str| codings().find_map(|coding| weight(coding, name));
    named("gzip")
        .or_else(|| named("x-gzip"))
        .or_else(|| named("*"))
        .unwrap_or(false)
}

/// Whether a coding of that name is wanted; `None` if this is another one.
fn weight(coding: &str, name: &str) -> Option<bool> {
    let mut parts = coding.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(name) {
        return None;
    }
    let quality = parts.find_map(|part| part.split_once('=').filter(|(key, _)| *key == "q"));
    let is_zero = |text: &str| text.parse().is_ok_and(|quality: f32| quality <= 0.0);
    Some(!quality.is_some_and(|(_, text)| is_zero(text.trim())))
}

/// Compresses an answer if that is worth it.
pub(super) fn compress(response: Response) -> Response {
    let is_small = |hint: SizeHint| hint.upper().is_some_and(|upper| upper < SMALLEST);
    let is_encoded = response.headers().contains_key(header::CONTENT_ENCODING);
    if response.status() != StatusCode::OK || is_encoded || is_small(response.body().size_hint()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, GZIP);
    parts.headers.append(header::VARY, VARY);
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let body = Body::new(Gzip {
        body,
        encoder: Some(encoder),
    });
    Response::from_parts(parts, body)
}

struct Gzip {
    body: Body,
    /// `None` after the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

type Piece = Option<Result<Frame<Bytes>, axum::Error>>;

impl Gzip {
    /// Compresses one piece and hands out everything up to its end.
    fn piece(&mut self, data: &[u8]) -> Piece {
        let encoder = self.encoder.as_mut()?;
        let pushed = encoder.write_all(data).and_then(|()| encoder.flush());
        let bytes = std::mem::take(encoder.get_mut());
        Some(finished(pushed.map(|()| bytes)))
    }

    /// What makes the stream whole.
    fn end(&mut self) -> Piece {
        Some(finished(self.encoder.take()?.finish()))
    }
}

fn finished(outcome: std::io::Result<Vec<u8>>) -> Result<Frame<Bytes>, axum::Error> {
    let data = |bytes| Frame::data(Bytes::from(bytes));
    outcome.map(data).map_err(axum::Error::new)
}

impl hyper::body::Body for Gzip {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Piece> {
        loop {
            if self.encoder.is_none() {
                return Poll::Ready(None);
            }
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => return Poll::Ready(self.end()),
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    self.encoder = None;
                    return Poll::Ready(Some(Err(error)));
                }
            };
            // Trailers are not used here.
            if let Ok(data) = frame.into_data() {
                return Poll::Ready(self.piece(&data));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.encoder.is_none()
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, io::Read as _};

    use flate2::read::GzDecoder;
    use http_body_util::BodyExt as _;

    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (value, expect) in [
            (None, false),
            (Some(""), false),
            (Some("gzip,deflate"), true),
            (Some("GZIP"), true),
            (Some("deflate, gzip;q=0.5"), true),
            (Some("gzip;q=0"), false),
            (Some("gzip; q=0.000"), false),
            (Some("identity"), false),
            (Some("*"), true),
            (Some("*;q=0"), false),
            (Some("gzip;q=0, *"), false),
            (Some("br"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(is_accepted(&headers), expect, "{value:?}");
        }
    }

    /// A body whose pieces come one by one; the last may be an error.
    struct Pieces(VecDeque<Result<&'static [u8], axum::Error>>);

    impl hyper::body::Body for Pieces {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Piece> {
            let data = |bytes| Frame::data(Bytes::from_static(bytes));
            Poll::Ready(self.0.pop_front().map(|piece| piece.map(data)))
        }
    }

    fn streamed(pieces: Vec<Result<&'static [u8], axum::Error>>) -> Response {
        compress(Response::new(Body::new(Pieces(pieces.into()))))
    }

    #[tokio::test]
    async fn each_piece_can_be_read_when_it_has_come() {
        let response = streamed(vec![Ok(b"<users>"), Ok(b"<user/>"), Ok(b"</users>")]);
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
        let mut body = response.into_body();
        let mut sent = Vec::new();
        for expect in ["<users>", "<users><user/>", "<users><user/></users>"] {
            let frame = body.frame().await.unwrap().unwrap();
            sent.extend_from_slice(&frame.into_data().unwrap());
            let mut read = Vec::new();
            let outcome = GzDecoder::new(&*sent).read_to_end(&mut read);
            assert!(outcome.is_err(), "the stream ended after {expect}");
            assert_eq!(String::from_utf8(read).unwrap(), expect);
        }
        sent.extend_from_slice(&body.collect().await.unwrap().to_bytes());
        let mut whole = String::new();
        GzDecoder::new(&*sent).read_to_string(&mut whole).unwrap();
        assert_eq!(whole, "<users><user/></users>");
    }

    #[tokio::test]
    async fn a_body_that_fails_never_looks_whole() {
        let cut = || axum::Error::new(std::io::Error::other("test"));
        let mut body = streamed(vec![Ok(b"<users>"), Err(cut())]).into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
        let mut read = Vec::new();
        assert!(GzDecoder::new(&*first).read_to_end(&mut read).is_err());
    }

    #[test]
    fn small_and_unsuccessful_answers_are_sent_as_they_are() {
        let sized = |status: StatusCode, size: usize| {
            let mut response = Response::new(Body::from("x".repeat(size)));
            *response.status_mut() = status;
            compress(response)
                .headers()
                .contains_key(header::CONTENT_ENCODING)
        };
        assert!(sized(StatusCode::OK, 4_096));
        assert!(!sized(StatusCode::OK, 100));
        assert!(!sized(StatusCode::BAD_REQUEST, 4_096));
    }
}
