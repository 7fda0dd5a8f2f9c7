//! Fetching one document: over HTTPS only, from where [`Reach`] allows, within bounds of size, time
//! and redirects. Blocks the thread.

use std::time::{Duration, Instant};

use provost_allowlist::feed::{Feed, MAX_BYTES, page::NoDocument};
use ureq::{
    Agent, Body, Error,
    http::{Request, Response, Uri, header, uri::Authority},
    tls::TlsConfig,
    unversioned::transport::DefaultConnector,
};

pub use super::guard::Reach;
use super::guard::{Guard, Refused};
use crate::authorities::Authorities;

/// Most redirects that are followed for one document.
const MAX_REDIRECTS: usize = 5;
/// How long everything may take: names, connections, redirects, and the last byte.
const WITHIN: Duration = Duration::from_secs(60);
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// Why a document was not fetched; one sentence with the next step.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A URL of another scheme, with a password, or none at all.
    #[error(
        "{0:?} is no URL that documents are fetched from; it begins with https:// and names a host, without user and password"
    )]
    Url(String),
    /// A redirect to something else.
    #[error("{from} leads on to {to:?}, which is not fetched: it is not https://")]
    Redirect {
        /// Who redirects.
        from: String,
        /// Where to, as far as it can be shown.
        to: String,
    },
    /// An address that must not be asked.
    #[error("{0}")]
    Address(String),
    /// Redirects without end.
    #[error("{0} leads on and on; give the URL of the document itself")]
    TooManyRedirects(String),
    /// Another status than 200.
    #[error("{url} answers {status}; check the URL with a browser")]
    Status {
        /// Who answers.
        url: String,
        /// What.
        status: u16,
    },
    /// Beyond [`MAX_BYTES`].
    #[error("{0} sends more than 64 MiB, which no document of ranges has; check the URL")]
    TooLarge(String),
    /// It took too long.
    #[error("{0} takes too long; try again later, or download the document and import the file")]
    Slow(String),
    /// A page without the document.
    #[error(transparent)]
    Page(#[from] NoDocument),
    /// Anything else on the way: the name, the connection, the certificate.
    #[error("{url} cannot be fetched: {reason}")]
    Failed {
        /// Who was asked.
        url: String,
        /// What happened.
        reason: String,
    },
}

/// Fetches documents.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
    within: Duration,
}

impl Fetcher {
    /// Believes these authorities and asks servers within that reach.
    pub fn new(authorities: Authorities, reach: Reach) -> Self {
        Self::limited(authorities, reach, WITHIN)
    }

    /// With a time limit of its own.
    pub(super) fn limited(authorities: Authorities, reach: Reach, within: Duration) -> Self {
        let tls = TlsConfig::builder().root_certs(authorities.roots()).build();
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent("provost")
            .tls_config(tls)
            .timeout_connect(Some(CONNECT.min(within)))
            .build();
        Self {
            agent: Agent::with_parts(config, DefaultConnector::default(), Guard::new(reach)),
            within,
        }
    }

    /// The bytes of a document; where a publisher offers it on a page, those of what the page
    /// offers.
    ///
    /// # Errors
    /// See [`FetchError`]; what was fetched up to then is thrown away.
    pub fn fetch(&self, feed: &Feed, url: &str) -> Result<Vec<u8>, FetchError> {
        let end = Instant::now() + self.within;
        let (bytes, from) = self.follow(secure(url)?, end)?;
        match feed.offered(&bytes, from.as_str())? {
            Some(document) => Ok(self.follow(secure(&document)?, end)?.0),
            None => Ok(bytes),
        }
    }

    /// What stands at the end of the redirects, and at which host that is.
    fn follow(&self, mut at: Uri, end: Instant) -> Result<(Vec<u8>, Authority), FetchError> {
        let begun = at.to_string();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask(&at, end)?;
            let status = answer.status();
            if status.is_redirection() {
                at = target(&at, &answer)?;
                continue;
            }
            if status.as_u16() != 200 {
                return Err(FetchError::Status {
                    url: at.to_string(),
                    status: status.as_u16(),
                });
            }
            let host = authority(&at)?;
            return Ok((body(&at, answer)?, host));
        }
        Err(FetchError::TooManyRedirects(begun))
    }

    fn ask(&self, at: &Uri, end: Instant) -> Result<Response<Body>, FetchError> {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            return Err(FetchError::Slow(at.to_string()));
        }
        let request = Request::get(at)
            .body(())
            .map_err(|error| failed(at, error.into()))?;
        let request = self.agent.configure_request(request);
        let request = request.timeout_global(Some(rest)).build();
        self.agent.run(request).map_err(|error| failed(at, error))
    }
}

/// Reads a URL that documents are fetched from.
fn secure(url: &str) -> Result<Uri, FetchError> {
    let refused = || FetchError::Url(url.chars().take(200).collect());
    let uri: Uri = url.parse().map_err(|_| refused())?;
    let is_secure = uri.scheme_str() == Some("https");
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let is_anonymous = !uri.authority().is_some_and(|a| a.as_str().contains('@'));
    if is_secure && has_host && is_anonymous {
        Ok(uri)
    } else {
        Err(refused())
    }
}

fn authority(at: &Uri) -> Result<Authority, FetchError> {
    at.authority()
        .cloned()
        .ok_or_else(|| FetchError::Url(at.to_string()))
}

/// Where a redirect leads: to another `https` URL, or to another path of the same host.
fn target(at: &Uri, answer: &Response<Body>) -> Result<Uri, FetchError> {
    let location = answer.headers().get(header::LOCATION);
    let location = location
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let without_fragment = location.split('#').next().unwrap_or_default();
    let is_path = without_fragment.starts_with('/') && !without_fragment.starts_with("//");
    let url = if is_path {
        format!("https://{}{without_fragment}", authority(at)?)
    } else {
        without_fragment.to_owned()
    };
    secure(&url).map_err(|_| FetchError::Redirect {
        from: at.to_string(),
        to: location.chars().take(200).collect(),
    })
}

fn body(at: &Uri, mut answer: Response<Body>) -> Result<Vec<u8>, FetchError> {
    let limit = MAX_BYTES as u64;
    if answer
        .body()
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(FetchError::TooLarge(at.to_string()));
    }
    // One byte more, so that a document of exactly the limit is told from a longer one.
    let read = answer.body_mut().with_config().limit(limit + 1);
    let bytes = read.read_to_vec().map_err(|error| failed(at, error))?;
    if bytes.len() > MAX_BYTES {
        return Err(FetchError::TooLarge(at.to_string()));
    }
    Ok(bytes)
}

fn failed(at: &Uri, error: Error) -> FetchError {
    let url = at.to_string();
    match error {
        Error::Timeout(_) => FetchError::Slow(url),
        Error::BodyExceedsLimit(_) => FetchError::TooLarge(url),
        Error::Other(other) if other.is::<Refused>() => FetchError::Address(other.to_string()),
        error => FetchError::Failed {
            url,
            reason: error.to_string(),
        },
    }
}
