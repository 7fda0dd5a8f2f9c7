//! A small load generator: blocking threads, one keep-alive connection each, raw HTTP/1.1.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// A request as bytes.
pub(super) struct Request(Vec<u8>);

impl Request {
    /// A GET; `headers` are whole lines.
    pub(super) fn get(path: &str, headers: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n").into_bytes())
    }

    /// A request with a body.
    pub(super) fn with_body(method: &str, path: &str, headers: &str, body: &str) -> Self {
        let headers = format!("{headers}Content-Type: application/scim+json\r\n");
        Self::whole(method, path, &headers, body)
    }

    /// A request with a body whose type is among the headers.
    pub(super) fn whole(method: &str, path: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
                .into_bytes(),
        )
    }
}

/// Makes the request of that number.
pub(super) type Make = dyn Fn(usize) -> Request + Send + Sync;

/// A keep-alive connection.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self(BufReader::with_capacity(64 << 10, stream)))
    }

    /// Sends a request; the body of a successful answer.
    pub(super) fn exchange(&mut self, request: &Request) -> Result<Vec<u8>> {
        let (status, body) = self.answer(request)?;
        ensure!(
            (200..300).contains(&status),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// Sends a request; status and body of the answer.
    pub(super) fn answer(&mut self, request: &Request) -> Result<(u16, Vec<u8>)> {
        self.0.get_mut().write_all(&request.0)?;
        let status = self.line()?;
        let mut length = None;
        let mut chunked = false;
        loop {
            let header = self.line()?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = Some(value.trim().parse()?);
            }
            chunked |= header.starts_with("transfer-encoding:") && header.contains("chunked");
        }
        let body = if chunked {
            self.chunks()?
        } else {
            self.exactly(length.unwrap_or(0))?
        };
        let code = status.split(' ').nth(1).unwrap_or_default();
        Ok((code.parse().with_context(|| status.clone())?, body))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(
            self.0.read_line(&mut line)? > 0,
            "the server closed the connection"
        );
        Ok(line.trim_end().to_owned())
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).context("size of a chunk")?;
            body.extend(self.exactly(size)?);
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

/// Sends one request on a connection of its own.
pub(super) fn one(address: SocketAddr, request: &Request) -> Result<Vec<u8>> {
    Connection::open(address)?.exchange(request)
}

/// Sends `count` requests, numbered from `first`, over so many connections; every answer must be a
/// success.
pub(super) fn run(
    address: SocketAddr,
    connections: usize,
    first: usize,
    count: usize,
    make: &Arc<Make>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut connection = Connection::open(address)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            connection.exchange(&make(first + number))?;
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(outcome) => outcome?,
                Err(_) => bail!("a connection of the load generator panicked"),
            }
        }
        Ok(())
    })
}
