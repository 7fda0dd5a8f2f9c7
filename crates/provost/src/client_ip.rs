//! The address of the client, behind gateways or not.
//!
//! [`ClientIp`] is made here only, by the rule that the settings give; handlers cannot read a
//! forwarding header by themselves. Allowlists compare with it, the access log shows it.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderValue, Request, request::Parts},
};
use provost_allowlist::{
    IpSet,
    client::{self, Header, proxy},
};

use crate::config::Config;

/// Where trusted gateways say for whom they ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// Nowhere: the peer of the connection counts.
    #[default]
    Peer,
    /// In a header of every request.
    Header(Header),
    /// Before the first byte of every connection.
    Proxy(proxy::Version),
}

/// The address of the client. Nobody knows it when a gateway says something unreadable, and where a
/// host program does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientIp(Option<IpAddr>);

impl ClientIp {
    /// The address, if it is known.
    pub(crate) fn known(self) -> Option<IpAddr> {
        self.0
    }
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let found = parts.extensions.get::<Self>();
        Ok(found.copied().unwrap_or(Self(None)))
    }
}

/// For whom a trusted load balancer has opened a connection, from the PROXY protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried(pub(crate) proxy::Source);

/// How the client is found.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientRule {
    trusted: Arc<IpSet>,
    from: ClientAddress,
}

impl ClientRule {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            trusted: Arc::new(config.trusted_proxies.iter().copied().collect()),
            from: config.client_address,
        }
    }

    /// The version of the PROXY protocol that this peer must begin with.
    pub(crate) fn proxy(&self, peer: IpAddr) -> Option<proxy::Version> {
        match self.from {
            ClientAddress::Proxy(version) => self.trusted.contains(peer).then_some(version),
            ClientAddress::Peer | ClientAddress::Header(_) => None,
        }
    }

    /// Whether a request has a forwarding header that is not believed: another one than the
    /// settings name, or from a peer that is not trusted.
    pub(crate) fn ignores_forwarding(&self, request: &Request<Body>) -> bool {
        let is_believed = |header| {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            self.from == ClientAddress::Header(header)
                && peer.is_some_and(|ConnectInfo(peer)| {
                    self.trusted.contains(peer.ip().to_canonical())
                })
        };
        [Header::XForwardedFor, Header::Forwarded]
            .into_iter()
            .any(|header| request.headers().contains_key(header.name()) && !is_believed(header))
    }

    /// The client of a request.
    pub(crate) fn find(&self, request: &Request<Body>) -> ClientIp {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let Some(peer) = peer.map(|ConnectInfo(peer)| peer.ip().to_canonical()) else {
            return ClientIp(None);
        };
        match self.from {
            ClientAddress::Header(header) => {
                let lines = request.headers().get_all(header.name());
                let lines = lines.iter().map(HeaderValue::as_bytes);
                ClientIp(client::of_header(peer, &self.trusted, header, lines))
            }
            ClientAddress::Peer | ClientAddress::Proxy(_) => {
                ClientIp(match request.extensions().get::<Carried>() {
                    Some(Carried(proxy::Source::Client(address))) => Some(*address),
                    Some(Carried(proxy::Source::Unknown)) => None,
                    Some(Carried(proxy::Source::Local)) | None => Some(peer),
                })
            }
        }
    }
}
