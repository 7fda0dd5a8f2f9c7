//! `provost gateway`: the configuration of the balancer in front of the SCIM API.
//!
//! Tenants and allowlists come from the directory, nodes and limits from the configuration, the
//! rest from flags. What the text looks like is decided in `provost_allowlist::gateway`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, builder::PossibleValuesParser};
use provost::config::{ClientAddress, Config};
use provost_allowlist::{
    IpSet, Prefix,
    client::Header,
    gateway::{
        self, Crowd, Edge, FORMATS, FilePath, Format, Gateway as Plan, HandOver, Host, Node, Scim,
        Slug, Tenant, Tls,
    },
};
use provost_directory::Directory;
use serde_json::json;

use crate::{
    failure::{Failure, Subject},
    file,
    global::Global,
};

/// Makes the configuration of the gateway that stands in front of this installation: TLS, the
/// URLs of the tenants and nothing else, their allowlists, health checks, retries and limits.
#[derive(Debug, Args)]
pub(crate) struct Gateway {
    /// The program that it is for
    #[arg(long, value_parser = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name)))]
    format: String,
    /// A node's SCIM API listener as the gateway reaches it; once per node [default: `scim_listen`]
    #[arg(long = "node", value_name = "HOST:PORT")]
    nodes: Vec<Node>,
    /// The name in the certificate [default: the host of `public_url`]
    #[arg(long, value_name = "HOST")]
    server_name: Option<Host>,
    /// Where the gateway listens for identity providers; repeatable
    #[arg(long, value_name = "IP:PORT", default_value = "0.0.0.0:443")]
    listen: Vec<SocketAddr>,
    /// Certificate and chain (PEM); for `HAProxy` with the key in the same file
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/provost/tls/gateway.pem"
    )]
    certificate: FilePath,
    /// Key [default: the certificate's name with the ending .key]
    #[arg(long, value_name = "FILE")]
    key: Option<FilePath>,
    #[command(flatten)]
    applications: Applications,
    #[command(flatten)]
    who: Who,
    /// How Provost learns the client's address [default: `client_address`, or x-forwarded-for]
    #[arg(long, value_name = "WAY", value_parser = way)]
    client_address: Option<HandOver>,
    /// Write to this file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The route inside the network.
#[expect(
    clippy::struct_field_names,
    reason = "the names of fields are the ids of flags, which must be unique"
)]
#[derive(Debug, Args)]
struct Applications {
    /// Also serve applications (Crowd) there, inside the network; repeatable
    #[arg(long, value_name = "IP:PORT")]
    app_listen: Vec<SocketAddr>,
    /// A node's application listener [default: the hosts of the nodes, and the port of `app_listen`]
    #[arg(long = "app-node", value_name = "HOST:PORT", requires = "app_listen")]
    app_nodes: Vec<Node>,
    /// The name by which applications reach it [default: the host of `app_url`, or --server-name]
    #[arg(long, value_name = "HOST", requires = "app_listen")]
    app_server_name: Option<Host>,
    /// Certificate for applications [default: --certificate]
    #[arg(long, value_name = "FILE", requires = "app_listen")]
    app_certificate: Option<FilePath>,
    /// Its key [default: its name with the ending .key]
    #[arg(long, value_name = "FILE", requires = "app_certificate")]
    app_key: Option<FilePath>,
    /// Serve applications without TLS; passwords then travel unencrypted
    #[arg(long, requires = "app_listen", conflicts_with = "app_certificate")]
    app_http: bool,
}

/// Whose URLs, and for whom.
#[derive(Debug, Args)]
struct Who {
    /// Serve this tenant only; repeatable [default: every tenant]
    #[arg(long = "tenant", value_name = "SLUG")]
    tenants: Vec<Slug>,
    /// Admit this network instead of what tenants and applications allow; repeatable
    #[arg(long = "admit", value_name = "NETWORK", value_parser = network)]
    admit: Vec<Prefix>,
    /// Admit this named set instead of what tenants and applications allow; repeatable
    #[arg(long = "set", value_name = "NAME", conflicts_with = "offline")]
    sets: Vec<String>,
    /// Do not read the directory: serve what --tenant names, from everywhere or from --admit
    #[arg(long, requires = "tenants")]
    offline: bool,
}

fn way(text: &str) -> Result<HandOver, String> {
    let all = FORMATS.iter().flat_map(|format| format.hand_overs);
    let found = all.copied().find(|way| way.setting() == text);
    found.ok_or_else(|| "use x-forwarded-for, forwarded, proxy-v1 or proxy-v2".to_owned())
}

fn network(text: &str) -> Result<Prefix, String> {
    Prefix::parse(text).map_err(|error| error.to_string())
}

impl Gateway {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = gateway::find(&self.format)
            .ok_or_else(|| Failure::usage(format!("there is no format {}", self.format)))?;
        let config = global.config([])?;
        let admitted = self.who.read(global)?;
        let plan = self.plan(&config, admitted)?;
        let text = format.print(&plan);
        let text = text.map_err(|error| Failure::usage(error.to_string()))?;
        match &self.output {
            None => self.print(global, format, &plan, &text),
            Some(path) => {
                file::replace(path, text.as_bytes())?;
                self.print(global, format, &plan, "");
            }
        }
        Ok(())
    }

    /// The text; or, when that is in a file, what to do next.
    fn print(&self, global: &Global, format: &Format, plan: &Plan, text: &str) {
        let settings = plan.settings();
        let json = json!({
            "format": format.name,
            "configuration": self.output.is_none().then_some(text),
            "file": self.output,
            "settings": settings,
        });
        match &self.output {
            None => global.format().print(&json, text.trim_end()),
            Some(path) => global.format().print(
                &json,
                format_args!(
                    "Wrote {}.\nEvery node must have in its configuration:\n  {}\n{}",
                    path.display(),
                    settings.join("\n  "),
                    format.install.join("\n")
                ),
            ),
        }
    }

    fn plan(&self, config: &Config, admitted: Admitted) -> Result<Plan, Failure> {
        let listener = if config.single_port {
            config.app_listen
        } else {
            config.scim_listen
        };
        let nodes = match self.nodes.as_slice() {
            [] => vec![node_of(listener)?],
            named => named.to_vec(),
        };
        let crowd = match self.applications.app_listen.as_slice() {
            [] => None,
            _ => Some(self.crowd(config, &nodes, admitted.applications)?),
        };
        Ok(Plan {
            own_addresses: own_addresses(config, &nodes),
            crowd,
            scim: Scim {
                edge: Edge {
                    server_name: self.server_name(config)?,
                    listen: self.listen.clone(),
                    nodes,
                },
                tls: Tls {
                    certificate: self.certificate.clone(),
                    key: self.key.clone(),
                },
                tenants: admitted.tenants,
            },
            hand_over: self.client_address.unwrap_or_else(|| hand_over(config)),
            max_body: config.max_body_bytes,
            max_connections: config.scim_max_connections.get(),
        })
    }

    fn crowd(
        &self,
        config: &Config,
        nodes: &[Node],
        admits: Option<IpSet>,
    ) -> Result<Crowd, Failure> {
        let given = &self.applications;
        let port = config.app_listen.port();
        let beside = |node: &Node| Node {
            host: node.host.clone(),
            port,
        };
        let certificate = given.app_certificate.clone();
        let tls = Tls {
            key: given
                .app_key
                .clone()
                .or_else(|| self.key.clone().filter(|_| certificate.is_none())),
            certificate: certificate.unwrap_or_else(|| self.certificate.clone()),
        };
        let named = given.app_server_name.clone();
        let named = named.or_else(|| config.app_url.as_deref().and_then(host_of));
        Ok(Crowd {
            edge: Edge {
                server_name: named.map_or_else(|| self.server_name(config), Ok)?,
                listen: given.app_listen.clone(),
                nodes: match given.app_nodes.as_slice() {
                    [] => nodes.iter().map(beside).collect(),
                    named => named.to_vec(),
                },
            },
            tls: (!given.app_http).then_some(tls),
            admits,
        })
    }

    fn server_name(&self, config: &Config) -> Result<Host, Failure> {
        let configured = || config.public_url.as_deref().and_then(host_of);
        let name = self.server_name.clone().or_else(configured);
        name.ok_or_else(|| {
            Failure::usage(
                "the gateway needs the name in its certificate; set public_url to the URL that identity providers use, or name it with --server-name",
            )
        })
    }
}

/// The host of a URL.
fn host_of(url: &str) -> Option<Host> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let name = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        Some(_) | None => authority,
    };
    name.parse().ok()
}

/// The listener of this node as a gateway on the same machine reaches it.
fn node_of(listener: SocketAddr) -> Result<Node, Failure> {
    let shown = provost::config::reachable(listener);
    shown.to_string().parse().map_err(|_| {
        Failure::usage(format!(
            "a gateway cannot send requests to {listener}; name the nodes with --node HOST:PORT"
        ))
    })
}

/// What `client_address` says, where it says anything.
fn hand_over(config: &Config) -> HandOver {
    match config.client_address {
        ClientAddress::Peer => HandOver::Header(Header::XForwardedFor),
        ClientAddress::Header(header) => HandOver::Header(header),
        ClientAddress::Proxy(version) => HandOver::Proxy(version),
    }
}

/// From where the nodes see the gateway: as configured, or this machine if they all are on it.
fn own_addresses(config: &Config, nodes: &[Node]) -> Vec<Prefix> {
    if !config.trusted_proxies.is_empty() {
        return config.trusted_proxies.clone();
    }
    let addresses: Option<Vec<_>> = nodes.iter().map(|node| node.host.address()).collect();
    let addresses = addresses.unwrap_or_default();
    if !addresses.iter().all(std::net::IpAddr::is_loopback) {
        return Vec::new();
    }
    let mut own: Vec<_> = addresses
        .into_iter()
        .map(|address| {
            let near = if address.is_ipv4() {
                "127.0.0.1"
            } else {
                "::1"
            };
            near.parse().map_or(address, std::convert::identity)
        })
        .map(|address| Prefix::containing(address, 128))
        .collect();
    own.sort();
    own.dedup();
    own
}

/// Who may come in.
struct Admitted {
    tenants: Vec<Tenant>,
    applications: Option<IpSet>,
}

impl Who {
    fn read(&self, global: &Global) -> Result<Admitted, Failure> {
        let named = self.admit.iter().copied().collect::<IpSet>();
        let mut instead = (!self.admit.is_empty()).then_some(named);
        if self.offline {
            let tenants = self.tenants.iter().map(|slug| Tenant {
                slug: slug.clone(),
                admits: instead.clone(),
            });
            return Ok(Admitted {
                tenants: tenants.collect(),
                applications: instead.clone(),
            });
        }
        let found = global.with_directory(async |directory, _| {
            Ok((
                self.tenants_of(directory).await?,
                applications_of(directory).await?,
                self.named_sets(directory).await?,
            ))
        });
        let (mut tenants, mut applications, sets) = found?;
        for set in &sets {
            instead = Some(instead.unwrap_or_default().union(set));
        }
        if let Some(set) = instead {
            for tenant in &mut tenants {
                tenant.admits = Some(set.clone());
            }
            applications = Some(set);
        }
        Ok(Admitted {
            tenants,
            applications,
        })
    }

    async fn named_sets(&self, directory: &Directory) -> Result<Vec<IpSet>, Failure> {
        let mut sets = Vec::new();
        for name in &self.sets {
            let set = directory.ip_set(name).await;
            let set = set.map_err(|error| Subject::ip_set(name).explain(error))?;
            sets.push(set.accepted.set.clone());
        }
        Ok(sets)
    }

    async fn tenants_of(&self, directory: &Directory) -> Result<Vec<Tenant>, Failure> {
        let mut found = Vec::new();
        if self.tenants.is_empty() {
            let all = directory.tenants().await;
            found.extend(all.map_err(|error| Subject::tenant("").explain(error))?);
        }
        for slug in &self.tenants {
            let slug = slug.to_string();
            let tenant = directory.tenant(&slug).await;
            found.push(tenant.map_err(|error| Subject::tenant(&slug).explain(error))?);
        }
        let mut tenants = Vec::new();
        for tenant in found {
            let slug = tenant.slug.parse();
            let set = &tenant.settings.allowed_addresses;
            tenants.push(Tenant {
                slug: slug
                    .map_err(|error: gateway::NameError| Failure::failed(error.to_string()))?,
                admits: (!set.is_empty()).then(|| set.admitted().clone()),
            });
        }
        tenants.sort_by(|a, b| a.slug.cmp(&b.slug));
        tenants.dedup_by(|a, b| a.slug == b.slug);
        Ok(tenants)
    }
}

/// Whom all applications together admit; one without a list admits everybody.
async fn applications_of(directory: &Directory) -> Result<Option<IpSet>, Failure> {
    let all = directory.applications().await;
    let all = all.map_err(|error| Subject::application("").explain(error))?;
    if all.is_empty()
        || all
            .iter()
            .any(|application| application.allowed_addresses.is_empty())
    {
        return Ok(None);
    }
    let admitted = all
        .iter()
        .map(|application| application.allowed_addresses.admitted());
    Ok(Some(
        admitted.fold(IpSet::default(), |sum, more| sum.union(more)),
    ))
}
