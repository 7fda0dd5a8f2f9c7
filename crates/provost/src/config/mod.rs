//! Settings: one TOML file, environment variables and flags, all with the same keys.
//!
//! A [`Config`] is always valid: [`Config::resolve`] reports every error it finds, not the first.
//! What may be set is one table, [`KEYS`]; the file, the environment (`PROVOST_` and the key in
//! capitals), the printed configuration and the reference all follow from it.

mod error;
mod keys;
mod raw;
mod rules;
mod value;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
};

pub use error::{ConfigError, ConfigErrors};
pub use keys::{KEYS, Key};
pub use provost_allowlist::{
    Prefix,
    client::{Header, proxy::Version},
};
pub use provost_directory::PostgresUrl;
pub use raw::Sources;

pub use crate::client_ip::ClientAddress;

/// Where the data is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Database {
    /// An embedded file in the data directory.
    #[default]
    Sqlite,
    /// A database that several nodes share.
    Postgres(PostgresUrl),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The least severe lines that are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    /// The level as it is written in the configuration and in filters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// Everything that can be set, resolved and checked.
///
/// ```
/// use provost::config::{Config, Sources};
///
/// let config = Config::resolve(&Sources {
///     file: None,
///     environment: vec![("PROVOST_APP_LISTEN".into(), "127.0.0.1:9000".into())],
///     overrides: vec![("data_dir", "/srv/provost".into())],
/// })?;
/// assert_eq!(config.app_listen.port(), 9000);
/// assert_eq!(config.public_url(), "http://127.0.0.1:5501");
/// # Ok::<(), provost::config::ConfigErrors>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Directory with the embedded database.
    pub data_dir: PathBuf,
    /// Where the data is kept.
    pub database: Database,
    /// Name of the cluster that may use the database.
    pub cluster_name: String,
    /// Address of the SCIM API listener.
    pub scim_listen: SocketAddr,
    /// Address of the application listener.
    pub app_listen: SocketAddr,
    /// URL under which identity providers reach the SCIM API, without a slash at the end; `None`
    /// for the address of the listener.
    pub public_url: Option<String>,
    /// URL under which the applications reach their listener, without a slash at the end; `None`
    /// for the address of the listener.
    pub app_url: Option<String>,
    /// Serve everything on the application listener.
    pub single_port: bool,
    /// Gateways whose requests are taken as forwarded.
    pub trusted_proxies: Vec<Prefix>,
    /// Where gateways say for whom they ask.
    pub client_address: ClientAddress,
    /// Who may read `/metrics`.
    pub metrics_allowed: Vec<Prefix>,
    /// Accept SCIM over plain HTTP on an address that is not loopback without a gateway.
    pub allow_direct_http: bool,
    /// Authorities that are believed where named sets of addresses are fetched; the public ones if
    /// `None`.
    pub allowlist_ca_file: Option<PathBuf>,
    /// Fetch named sets of addresses from private and loopback addresses too.
    pub allowlist_allow_private: bool,
    /// Largest request body in bytes.
    pub max_body_bytes: usize,
    /// Most connections on the SCIM API listener.
    pub scim_max_connections: NonZeroUsize,
    /// Most connections on the application listener.
    pub app_max_connections: NonZeroUsize,
    /// Worker threads of the SCIM API listener.
    pub scim_threads: NonZeroUsize,
    /// Worker threads of the application listener.
    pub app_threads: NonZeroUsize,
    /// How long the server goes on serving, not ready, before it closes, in seconds.
    pub drain_delay_seconds: u64,
    /// How long requests in flight may take to finish at shutdown, in seconds.
    pub drain_seconds: u64,
    /// How log lines look.
    pub log_format: LogFormat,
    /// The least severe lines that are logged.
    pub log_level: LogLevel,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self {
            data_dir: PathBuf::from("provost-data"),
            database: Database::default(),
            cluster_name: "provost".to_owned(),
            scim_listen: loopback(5501),
            app_listen: loopback(8095),
            public_url: None,
            app_url: None,
            single_port: false,
            trusted_proxies: Vec::new(),
            client_address: ClientAddress::default(),
            metrics_allowed: keys::loopback(),
            allow_direct_http: false,
            allowlist_ca_file: None,
            allowlist_allow_private: false,
            max_body_bytes: 1 << 20,
            scim_max_connections: DEFAULT_CONNECTIONS,
            app_max_connections: DEFAULT_CONNECTIONS,
            scim_threads: threads,
            app_threads: threads,
            drain_delay_seconds: 0,
            drain_seconds: 20,
            log_format: LogFormat::default(),
            log_level: LogLevel::default(),
        }
    }
}

/// Both listeners and the database together stay below the usual limit of 1,024 open files.
const DEFAULT_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(399);

impl Config {
    /// Where the directory keeps its data.
    #[must_use]
    pub fn store(&self) -> provost_directory::Database {
        match &self.database {
            Database::Sqlite => provost_directory::Database::Sqlite,
            Database::Postgres(url) => provost_directory::Database::Postgres {
                url: url.clone(),
                cluster: self.cluster_name.clone(),
            },
        }
    }

    /// Merges the sources and checks the outcome. Flags win over the environment, the environment
    /// over the file, the file over the defaults.
    ///
    /// # Errors
    /// Everything that is wrong, each in one sentence that says where it was set.
    pub fn resolve(sources: &Sources) -> Result<Self, ConfigErrors> {
        let mut errors = Vec::new();
        let mut config = Self::default();
        for setting in raw::collect(sources, &mut errors) {
            if let Err(message) = (setting.key.set)(&mut config, &setting.value) {
                let name = setting.key.name;
                errors.push(ConfigError::new(
                    setting.origin,
                    format!("{name} {message}"),
                ));
            }
        }
        rules::check(&config, &mut errors);
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(errors))
        }
    }

    /// The configuration as a file that [`Config::resolve`] reads back, with a comment per key.
    /// A key that is not set is printed as a comment.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for key in KEYS {
            key.print(self, &mut text);
        }
        text
    }

    /// The URL under which identity providers reach the SCIM API, without a slash at the end.
    pub fn public_url(&self) -> String {
        let listener = if self.single_port {
            self.app_listen
        } else {
            self.scim_listen
        };
        self.public_url.clone().unwrap_or_else(|| url_of(listener))
    }

    /// The URL under which the applications reach their listener, without a slash at the end.
    pub fn app_url(&self) -> String {
        self.app_url
            .clone()
            .unwrap_or_else(|| url_of(self.app_listen))
    }

    /// The base URL that is pasted into the identity provider, for SCIM 2.0.
    pub fn scim_base(&self, tenant: &str) -> String {
        format!("{}/scim/{tenant}/v2", self.public_url())
    }

    /// The URL that is pasted into the directory of an application.
    pub fn crowd_url(&self) -> String {
        format!("{}/crowd", self.app_url())
    }

    /// Why SCIM must not be served on its address, if it must not: for sockets that were handed
    /// over, whose address no file names.
    pub(crate) fn exposed(&self) -> Option<String> {
        rules::exposed(self)
    }

    /// The same configuration with the addresses that listeners really have.
    pub(crate) fn bound_to(mut self, scim: SocketAddr, app: SocketAddr) -> Self {
        self.scim_listen = scim;
        self.app_listen = app;
        self
    }
}

/// How a listener is reached on its own machine: an address that stands for all addresses becomes
/// loopback.
pub fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

/// The URL of a listener.
fn url_of(listener: SocketAddr) -> String {
    format!("http://{}", reachable(listener))
}

#[cfg(test)]
mod tests;
