//! A small HTTP/1.1 client over a plain socket, so that a test decides every byte it sends.

use std::{
    fmt::Write as _,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// Long enough for any answer on a busy machine; only a broken server lets it pass.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON; fails the test if it is not.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }
}

/// A connection that can carry several requests.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Sends exact bytes; an error (the server has closed) is left to the reading side.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a request with `Host` and, if there is a body, `Content-Length`.
    pub(crate) fn request(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.send(&encode(method, target, headers, body));
        self.answer(method == "HEAD")
    }

    /// Reads one answer; fails the test if none comes.
    pub(crate) fn answer(&mut self, head_only: bool) -> Answer {
        self.try_answer(head_only).expect("the server answers")
    }

    /// Reads one answer; `None` if the connection ends before one is complete.
    pub(crate) fn try_answer(&mut self, head_only: bool) -> Option<Answer> {
        loop {
            let (status, headers) = self.head()?;
            let mut answer = Answer {
                status,
                headers,
                body: Vec::new(),
            };
            if status == 100 {
                continue;
            }
            if !head_only && status != 204 && status != 304 {
                answer.body = self.body(&answer)?;
            }
            return Some(answer);
        }
    }

    fn head(&mut self) -> Option<(u16, Vec<(String, String)>)> {
        let first = self.line()?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Some((status, headers));
            }
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    fn body(&mut self, answer: &Answer) -> Option<Vec<u8>> {
        if answer.header("transfer-encoding").is_some() {
            let mut body = Vec::new();
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).ok()?;
                body.extend(self.take(size)?);
                self.line()?;
                if size == 0 {
                    return Some(body);
                }
            }
        }
        match answer.header("content-length") {
            Some(length) => self.take(length.parse().ok()?),
            None => Some(self.rest()),
        }
    }

    /// Everything until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.fill() {}
        std::mem::take(&mut self.buffer)
    }

    /// Reads the interim answer to `Expect: 100-continue`.
    pub(crate) fn wait_for_continue(&mut self) {
        let (status, _) = self.head().expect("the server answers");
        assert_eq!(status, 100);
    }

    /// Whether the server has neither closed nor reset the connection yet.
    pub(crate) fn is_open(&mut self) -> bool {
        self.stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut byte = [0; 1];
        let outcome = self.stream.read(&mut byte);
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        outcome.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Sends until the system takes no more bytes, without reading any.
    pub(crate) fn send_until_stuck(&mut self, bytes: &[u8]) {
        self.stream.set_nonblocking(true).unwrap();
        let mut rest = bytes;
        while let Ok(count) = self.stream.write(rest) {
            rest = &rest[count..];
            if rest.is_empty() {
                break;
            }
        }
        self.stream.set_nonblocking(false).unwrap();
    }

    /// Waits for the server to give up on a connection that is not being read.
    pub(crate) fn wait_until_reset(&mut self) {
        let error = loop {
            if let Err(error) = self.stream.write(b"\r\n") {
                break error;
            }
        };
        let kind = error.kind();
        assert!(
            kind == ErrorKind::ConnectionReset || kind == ErrorKind::BrokenPipe,
            "{error}"
        );
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish_sending(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }

    /// Waits for the server to close the connection; what it sent before is returned.
    pub(crate) fn closed(mut self) -> Vec<u8> {
        self.rest()
    }

    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
                self.buffer.drain(..end + 2);
                return Some(line);
            }
            if !self.fill() {
                return None;
            }
        }
    }

    fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < count {
            if !self.fill() {
                return None;
            }
        }
        Some(self.buffer.drain(..count).collect())
    }

    /// `false` when the connection has ended; a server that stays silent fails the test.
    fn fill(&mut self) -> bool {
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => false,
            Ok(count) => {
                self.buffer.extend_from_slice(&chunk[..count]);
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                panic!("the server neither answered nor closed within {PATIENCE:?}")
            }
            Err(_) => false,
        }
    }
}

/// The bytes of a request; `Host` and `Content-Length` are added unless given.
pub(crate) fn encode(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let given = |name: &str| {
        headers
            .iter()
            .any(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    if !given("host") {
        head.push_str("Host: provost.test\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let framed = given("content-length") || given("transfer-encoding");
    if !framed && (!body.is_empty() || method != "GET") {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// One request on a connection of its own.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    Connection::open(address).request(method, target, headers, body)
}

/// A SCIM 2.0 request on a connection of its own; `path` follows the base URL of the tenant.
pub(crate) fn scim(
    address: SocketAddr,
    tenant: &str,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Answer {
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("Authorization", authorization.as_str())];
    if body.is_some() {
        headers.push(("Content-Type", "application/scim+json"));
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let target = format!("/scim/{tenant}/v2{path}");
    send(address, method, &target, &headers, body.as_bytes())
}
