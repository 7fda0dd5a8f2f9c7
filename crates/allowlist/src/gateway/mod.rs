//! Configurations of the gateway in front of the SCIM API and, inside the network, of Crowd.
//!
//! [`Gateway`] says what stands behind and who may come; [`FORMATS`] has one row and one file per
//! program. Every configuration keeps the same rules: TLS; nothing but SCIM of the named tenants
//! and health; the allowlist of each tenant; one forwarding header that the gateway writes and no
//! other; bodies and times within limits; another node for a request that one node lost; 503
//! with `Retry-After` when there is none.
//!
//! Equal input gives equal bytes. Nothing here reads or writes a file.

mod apache;
mod caddy;
mod document;
mod envoy;
mod haproxy;
mod names;
mod nginx;
mod rules;
#[cfg(test)]
mod tests;
mod text;
mod traefik;

use std::net::SocketAddr;

pub use names::{FilePath, Host, NameError, Node, Slug};

use crate::{
    IpSet, Prefix,
    client::{Header, proxy::Version},
};

/// How the gateway tells Provost who the client is; the setting `client_address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// In a header of every request.
    Header(Header),
    /// In the PROXY protocol, before the first byte of every connection.
    Proxy(Version),
}

impl HandOver {
    /// The value of `client_address`.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Header(Header::XForwardedFor) => "x-forwarded-for",
            Self::Header(Header::Forwarded) => "forwarded",
            Self::Proxy(Version::V1) => "proxy-v1",
            Self::Proxy(Version::V2) => "proxy-v2",
        }
    }
}

/// Certificate and key, as files that the gateway reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and the chain up to the authority, PEM.
    pub certificate: FilePath,
    /// The key; `None` where it has the certificate's name with the ending `.key`, and for
    /// programs that read both from one file.
    pub key: Option<FilePath>,
}

impl Tls {
    /// The file with the key, for programs that take two files.
    fn key(&self) -> FilePath {
        let beside = || self.certificate.with_ending("key");
        let key = self.key.clone().or_else(beside);
        key.unwrap_or_else(|| self.certificate.clone())
    }
}

/// Where the gateway listens and what stands behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name in the certificate.
    pub server_name: Host,
    /// Where it listens; at least one.
    pub listen: Vec<SocketAddr>,
    /// The nodes; at least one.
    pub nodes: Vec<Node>,
}

/// A tenant and who may use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its name in URLs.
    pub slug: Slug,
    /// Who may use it; `None` for everybody.
    pub admits: Option<IpSet>,
}

/// The route of the identity providers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scim {
    /// Where it is and where it leads.
    pub edge: Edge,
    /// Certificate and key.
    pub tls: Tls,
    /// Whose URLs it serves; at least one, in the order of their names.
    pub tenants: Vec<Tenant>,
}

/// The route of the applications, inside the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Where it is and where it leads.
    pub edge: Edge,
    /// Certificate and key; `None` for plain HTTP.
    pub tls: Option<Tls>,
    /// Who may use it; `None` for everybody.
    pub admits: Option<IpSet>,
}

/// What a configuration is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The route of the identity providers.
    pub scim: Scim,
    /// The route of the applications, if it is wanted.
    pub crowd: Option<Crowd>,
    /// How Provost learns the address of the client.
    pub hand_over: HandOver,
    /// The addresses of the gateway as the nodes see them, for `trusted_proxies`; empty if unknown.
    pub own_addresses: Vec<Prefix>,
    /// Largest body of a request in bytes.
    pub max_body: usize,
    /// Most connections that one node takes.
    pub max_connections: usize,
}

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// Nothing to serve.
    #[error(
        "there is no tenant to serve; create one with `provost tenant create SLUG`, or name it with --tenant"
    )]
    NoTenant,
    /// Nothing to serve it with.
    #[error("there is no node to send requests to; name one with --node HOST:PORT")]
    NoNode,
    /// Nowhere to listen.
    #[error("there is no address to listen on; name one with --listen")]
    NoListener,
    /// A list that admits nobody.
    #[error(
        "the allowlist of {0} is empty, so that nobody could come in; fill it, or remove it to admit everybody"
    )]
    NobodyAdmitted(String),
    /// The program cannot say who the client is in this way.
    #[error(
        "{format} cannot hand the client's address over as {setting}; set client_address to {possible}"
    )]
    HandOver {
        /// The program.
        format: &'static str,
        /// What was asked for.
        setting: &'static str,
        /// What it can do.
        possible: String,
    },
    /// The program looks for the key elsewhere.
    #[error(
        "HAProxy reads the key from the file of the certificate, or from a file beside it with .key added to its name; \
         put certificate, chain and key into one file (`cat CERTIFICATE KEY > gateway.pem`) and leave --key out"
    )]
    KeyElsewhere,
}

/// One program that can stand in front of Provost.
pub struct Format {
    /// What `--format` takes.
    pub name: &'static str,
    /// What it is called, and from which version on.
    pub title: &'static str,
    /// Where its file belongs and what loads it.
    pub install: &'static [&'static str],
    /// The ways in which it can hand over the client's address.
    pub hand_overs: &'static [HandOver],
    /// What else must be said for this gateway.
    notes: fn(&Gateway) -> Vec<String>,
    /// What the program cannot do for this gateway.
    check: fn(&Gateway) -> Result<(), GatewayError>,
    print: fn(&Gateway) -> String,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}

const X_FORWARDED_FOR: HandOver = HandOver::Header(Header::XForwardedFor);
const FORWARDED: HandOver = HandOver::Header(Header::Forwarded);

/// Every program that is known, one row each.
pub static FORMATS: &[Format] = &[
    Format {
        name: "nginx",
        title: "nginx 1.19 or later",
        install: &[
            "The whole file is a nginx.conf; what stands in http { } may instead go to /etc/nginx/conf.d/provost.conf.",
            "Check and load: nginx -t && nginx -s reload",
        ],
        hand_overs: &[X_FORWARDED_FOR, FORWARDED],
        notes: |_| Vec::new(),
        check: |_| Ok(()),
        print: nginx::print,
    },
    Format {
        name: "haproxy",
        title: "HAProxy 2.4 or later",
        install: &[
            "The whole file is a haproxy.cfg. The certificate file holds certificate, chain and key.",
            "Check and load: haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
        ],
        hand_overs: &[
            X_FORWARDED_FOR,
            FORWARDED,
            HandOver::Proxy(Version::V1),
            HandOver::Proxy(Version::V2),
        ],
        notes: |_| Vec::new(),
        check: haproxy::check,
        print: haproxy::print,
    },
    Format {
        name: "caddy",
        title: "Caddy 2.6.4 or later",
        install: &[
            "The whole file is a Caddyfile.",
            "Before 2.11.2 a request with a body that was under way to a node when it died is answered 503, and not sent again.",
            "Check and load: caddy validate --config /etc/caddy/Caddyfile && systemctl restart caddy",
        ],
        hand_overs: &[X_FORWARDED_FOR],
        notes: |_| Vec::new(),
        check: |_| Ok(()),
        print: caddy::print,
    },
    Format {
        name: "caddy-2.6",
        title: "Caddy 2.6.0 to 2.6.3, such as that of Debian 12",
        install: &[
            "The whole file is a Caddyfile.",
            "A request with a body that was under way to a node when it died is answered 503, and not sent again.",
            "Check and load: caddy validate --config /etc/caddy/Caddyfile && systemctl restart caddy",
        ],
        hand_overs: &[X_FORWARDED_FOR],
        notes: |_| Vec::new(),
        check: |_| Ok(()),
        print: caddy::print_old,
    },
    Format {
        name: "apache",
        title: "Apache httpd 2.4.39 or later",
        install: &[
            "Goes to /etc/apache2/sites-available/provost.conf, or to conf.d.",
            "Modules: a2enmod ssl headers rewrite proxy proxy_http proxy_balancer proxy_hcheck lbmethod_byrequests lbmethod_bybusyness reqtimeout",
            "Check and load: a2ensite provost && apache2ctl configtest && systemctl reload apache2",
            "A request that was under way to a node when it died is answered 502 with Retry-After, and not sent again.",
        ],
        hand_overs: &[X_FORWARDED_FOR],
        notes: |_| Vec::new(),
        check: |_| Ok(()),
        print: apache::print,
    },
    Format {
        name: "traefik",
        title: "Traefik 3, with retryNonIdempotentMethod",
        install: &[
            "This is the dynamic configuration for the file provider, JSON in a file with the ending .yml.",
            "Traefik puts no Retry-After on the 503 that it answers itself when no node is there.",
        ],
        hand_overs: &[X_FORWARDED_FOR],
        notes: traefik::static_part,
        check: |_| Ok(()),
        print: traefik::print,
    },
    Format {
        name: "envoy",
        title: "Envoy 1.25 or later",
        install: &[
            "The whole file is a bootstrap document, JSON in a file with the ending .yaml.",
            "Check: envoy --mode validate -c envoy.yaml",
        ],
        hand_overs: &[X_FORWARDED_FOR],
        notes: |_| Vec::new(),
        check: |_| Ok(()),
        print: envoy::print,
    },
];

/// The row with that name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

impl Format {
    /// The configuration, which begins with a comment that says what Provost must be set to.
    ///
    /// # Errors
    /// What is missing, or what the program cannot do.
    pub fn print(&self, gateway: &Gateway) -> Result<String, GatewayError> {
        gateway.check()?;
        if !self.hand_overs.contains(&gateway.hand_over) {
            let possible: Vec<_> = self.hand_overs.iter().map(|way| way.setting()).collect();
            return Err(GatewayError::HandOver {
                format: self.name,
                setting: gateway.hand_over.setting(),
                possible: possible.join(" or "),
            });
        }
        (self.check)(gateway)?;
        let body = (self.print)(gateway);
        Ok(format!("{}\n{body}", self.preface(gateway)))
    }

    fn preface(&self, gateway: &Gateway) -> String {
        let mut text = text::Text::new("");
        text.line(format_args!(
            "# The gateway in front of Provost, for {}.",
            self.title
        ));
        text.line(format_args!(
            "# Made by `provost gateway --format {}`; make it again instead of editing it,",
            self.name
        ));
        text.line("# whenever tenants, their allowlists or the nodes change.");
        text.lines(self.install.iter().map(|line| format!("# {line}")));
        text.line("#");
        text.line("# Every node must have in its configuration:");
        text.lines(gateway.settings().iter().map(|line| format!("#   {line}")));
        text.lines((self.notes)(gateway).iter().map(|line| format!("# {line}")));
        text.line("#");
        for tenant in &gateway.scim.tenants {
            text.line(format_args!(
                "# Tenant {}: {}.",
                tenant.slug,
                admitted(tenant.admits.as_ref())
            ));
        }
        if let Some(crowd) = &gateway.crowd {
            let who = admitted(crowd.admits.as_ref());
            text.line(format_args!("# Applications (Crowd): {who}."));
        }
        text.finish()
    }
}

fn admitted(set: Option<&IpSet>) -> String {
    match set.map(|set| set.prefixes().count()) {
        None => "from everywhere".to_owned(),
        Some(1) => "from 1 network".to_owned(),
        Some(count) => format!("from {count} networks"),
    }
}

impl Gateway {
    /// The two settings of Provost that must agree with the gateway, as lines of its file.
    pub fn settings(&self) -> [String; 2] {
        let known: Vec<_> = self
            .own_addresses
            .iter()
            .map(|p| format!("\"{p}\""))
            .collect();
        let trusted = match known.join(", ") {
            none if none.is_empty() => "trusted_proxies = [\"ADDRESS\"]   (the address from which this gateway connects to the nodes)".to_owned(),
            known => format!("trusted_proxies = [{known}]"),
        };
        let setting = self.hand_over.setting();
        [format!("client_address = \"{setting}\""), trusted]
    }

    fn check(&self) -> Result<(), GatewayError> {
        if self.scim.tenants.is_empty() {
            return Err(GatewayError::NoTenant);
        }
        let edges = [
            Some(&self.scim.edge),
            self.crowd.as_ref().map(|crowd| &crowd.edge),
        ];
        for edge in edges.into_iter().flatten() {
            if edge.nodes.is_empty() {
                return Err(GatewayError::NoNode);
            }
            if edge.listen.is_empty() {
                return Err(GatewayError::NoListener);
            }
        }
        let is_empty = |set: &Option<IpSet>| set.as_ref().is_some_and(IpSet::is_empty);
        if let Some(tenant) = self
            .scim
            .tenants
            .iter()
            .find(|tenant| is_empty(&tenant.admits))
        {
            return Err(GatewayError::NobodyAdmitted(format!(
                "tenant {}",
                tenant.slug
            )));
        }
        if self
            .crowd
            .as_ref()
            .is_some_and(|crowd| is_empty(&crowd.admits))
        {
            return Err(GatewayError::NobodyAdmitted("the applications".to_owned()));
        }
        Ok(())
    }
}
