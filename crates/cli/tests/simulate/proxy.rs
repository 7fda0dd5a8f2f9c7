//! A proxy between an identity provider and a server, which may tamper with requests and answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use anyhow::{Context, Result};
use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Asked {
    /// Whether it is a search with a filter.
    pub(crate) fn is_search(&self) -> bool {
        self.method == "GET" && self.path.contains("filter=")
    }

    /// Whether it is about that endpoint.
    pub(crate) fn is(&self, method: &str, endpoint: &str) -> bool {
        self.method == method && self.path.contains(endpoint)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answered {
    /// A made-up answer.
    pub(crate) fn new(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.to_owned(),
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The same with another body.
    pub(crate) fn with(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self
    }
}

/// What becomes of a request.
pub(crate) enum Deed {
    /// It is answered.
    Answer(Answered),
    /// So many bytes of the answer are sent, then the connection ends.
    Cut(Answered, usize),
}

/// The server behind.
pub(crate) struct Upstream {
    agent: ureq::Agent,
    base: String,
}

impl Upstream {
    /// Hands a request on.
    pub(crate) fn ask(&self, asked: &Asked) -> Answered {
        self.try_ask(asked)
            .unwrap_or_else(|error| Answered::new(502, "text/plain", &error.to_string()))
    }

    fn try_ask(&self, asked: &Asked) -> Result<Answered> {
        let url = format!("{}{}", self.base, asked.path);
        let mut request = ureq::http::Request::builder()
            .method(&*asked.method)
            .uri(url);
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let mut answer = if asked.body.is_empty() {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(&asked.body[..])?)?
        };
        let body = answer.body_mut().read_to_string()?;
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)));
        Ok(Answered {
            status: answer.status().as_u16(),
            headers: headers.filter(|(name, _)| !is_hop(name)).collect(),
            body,
        })
    }
}

/// Headers that are about one connection.
fn is_hop(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["host", "connection", "content-length", "transfer-encoding"].contains(&&*name)
}

type Tamper = dyn Fn(&Asked, &Upstream) -> Deed + Send + Sync;

/// A running proxy; it ends when it is dropped.
pub(crate) struct Proxy {
    /// `http://…` in front.
    pub(crate) url: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A proxy in front of `base` (`http://…` without a path).
    pub(crate) fn start(
        base: &str,
        tamper: impl Fn(&Asked, &Upstream) -> Deed + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None);
        let upstream = Arc::new(Upstream {
            agent: config.build().new_agent(),
            base: base.to_owned(),
        });
        let stop = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&stop);
        let tamper: Arc<Tamper> = Arc::new(tamper);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (upstream, tamper) = (Arc::clone(&upstream), Arc::clone(&tamper));
                // A connection ends with its client.
                std::thread::spawn(move || serve(&stream, &upstream, &*tamper));
            }
        });
        Ok(Self {
            url,
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the loop that accepts.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(stream: &TcpStream, upstream: &Upstream, tamper: &Tamper) {
    let mut reader = BufReader::new(stream);
    while let Ok(asked) = read(&mut reader) {
        let (answered, most) = match tamper(&asked, upstream) {
            Deed::Answer(answered) => (answered, usize::MAX),
            Deed::Cut(answered, most) => (answered, most),
        };
        let text = write(&answered);
        let most = most.min(text.len());
        let mut out = stream;
        if out.write_all(&text.as_bytes()[..most]).is_err() || most < text.len() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Result<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut parts = line.split_whitespace().map(str::to_owned);
    let (method, path) = (
        parts.next().context("no method")?,
        parts.next().context("no path")?,
    );
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        }
        if !is_hop(&name) {
            headers.push((name, value));
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Asked {
        method,
        path,
        headers,
        body,
    })
}

fn write(answered: &Answered) -> String {
    let mut head = vec![format!("HTTP/1.1 {} Answer", answered.status)];
    let headers = answered.headers.iter();
    head.extend(headers.map(|(name, value)| format!("{name}: {value}")));
    if answered.status == 204 {
        return head.join("\r\n") + "\r\n\r\n";
    }
    head.push(format!("content-length: {}", answered.body.len()));
    format!("{}\r\n\r\n{}", head.join("\r\n"), answered.body)
}
