//! The URL of the database: where it is, and how it is reached safely.

use std::{fmt, path::PathBuf, str::FromStr};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

use crate::OpenError;

/// A PostgreSQL database, from a URL such as
/// `postgres://provost:secret@db1,db2/provost?sslmode=verify-full`.
///
/// Shown, it hides the password.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(super) config: Box<Config>,
    pub(super) roots: Option<PathBuf>,
    shown: String,
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config && self.roots == other.roots
    }
}

impl Eq for PostgresUrl {}

/// Whether a connection is encrypted.
#[derive(Clone, Copy, PartialEq)]
enum Tls {
    Verified,
    Off,
}

impl FromStr for PostgresUrl {
    type Err = OpenError;

    /// Connections that leave the machine are encrypted and verified unless the URL says
    /// `sslmode=disable`. `target_session_attrs` is always `read-write`.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        let (rest, tls, roots) = split(text)?;
        let mut config: Config = rest
            .parse()
            .map_err(|error: tokio_postgres::Error| refused(&super::session::sentence(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(refused("it names no host"));
        }
        if config.get_dbname().is_none() {
            return Err(refused("it names no database"));
        }
        if config.get_user().is_none() {
            return Err(refused("it names no user"));
        }
        let tls = tls.unwrap_or_else(|| default_tls(&config));
        config
            .ssl_mode(match tls {
                Tls::Verified => SslMode::Require,
                Tls::Off => SslMode::Disable,
            })
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let shown = show(&config);
        Ok(Self {
            config: Box::new(config),
            roots,
            shown,
        })
    }
}

fn refused(why: &str) -> OpenError {
    OpenError(format!(
        "the URL of the database cannot be used: {why}; write postgres://USER:PASSWORD@HOST:5432/DATABASE"
    ))
}

/// Takes what is about TLS out of the query.
fn split(text: &str) -> Result<(String, Option<Tls>, Option<PathBuf>), OpenError> {
    if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
        return Err(refused("it does not begin with postgres://"));
    }
    let (base, query) = text.split_once('?').unwrap_or((text, ""));
    let (mut kept, mut tls, mut roots) = (Vec::new(), None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "disable")) => tls = Some(Tls::Off),
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => {
                tls = Some(Tls::Verified);
            }
            Some(("sslmode", other)) => {
                return Err(refused(&format!(
                    "sslmode={other} may end unencrypted; choose verify-full, or disable for a network that you trust"
                )));
            }
            Some(("sslrootcert", path)) => {
                tls.get_or_insert(Tls::Verified);
                roots = Some(PathBuf::from(path));
            }
            Some(("target_session_attrs", _)) => {}
            _ => kept.push(pair),
        }
    }
    let rest = if kept.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", kept.join("&"))
    };
    Ok((rest, tls, roots))
}

fn default_tls(config: &Config) -> Tls {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    };
    if config.get_hosts().iter().all(is_here) {
        Tls::Off
    } else {
        Tls::Verified
    }
}

fn show(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| {
            let ports = config.get_ports();
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(path) => path.display().to_string(),
            }
        })
        .collect();
    format!(
        "postgres://{}@{}/{}",
        config.get_user().unwrap_or_default(),
        hosts.join(","),
        config.get_dbname().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_shown_without_the_password() {
        for (text, shown) in [
            ("postgres://u:secret@db/p", "postgres://u@db:5432/p"),
            (
                "postgresql://u:secret@a:1,b:2/p?sslmode=disable",
                "postgres://u@a:1,b:2/p",
            ),
        ] {
            let url: PostgresUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted() {
        for (text, mode) in [
            ("postgres://u@db/p", SslMode::Require),
            ("postgres://u@127.0.0.1/p", SslMode::Disable),
            ("postgres://u@127.0.0.1,db/p", SslMode::Require),
            (
                "postgres://u@127.0.0.1/p?sslrootcert=/ca.pem",
                SslMode::Require,
            ),
            ("postgres://u@db/p?sslmode=disable", SslMode::Disable),
            (
                "postgres://u@db/p?sslmode=require&connect_timeout=3",
                SslMode::Require,
            ),
        ] {
            let url: PostgresUrl = text.parse().unwrap();
            assert_eq!(url.config.get_ssl_mode(), mode, "{text}");
            let attributes = url.config.get_target_session_attrs();
            assert_eq!(attributes, TargetSessionAttrs::ReadWrite, "{text}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_reason() {
        for (text, word) in [
            ("mysql://u@db/p", "postgres://"),
            ("postgres://u@db", "no database"),
            ("postgres://db/p", "no user"),
            ("postgres://u@db/p?sslmode=prefer", "verify-full"),
            ("postgres://u@db:port/p", "postgres://USER"),
            ("postgres://u@db/p?nonsense=1", "nonsense"),
        ] {
            let error = text.parse::<PostgresUrl>().unwrap_err();
            assert!(error.0.contains(word), "{text}: {error}");
        }
    }
}
