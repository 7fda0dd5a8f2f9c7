//! The table of settings: one row per key.

use std::{fmt::Write, path::PathBuf};

use provost_allowlist::PrefixError;

use provost_directory::OpenError;

use super::{
    ClientAddress, Config, Database, Header, LogFormat, LogLevel, Prefix, Version, value::Value,
};

/// One setting: its name, its meaning, how it is read and how it is printed.
pub struct Key {
    /// Its name in the file; flags use dashes, the environment capitals after `PROVOST_`.
    pub name: &'static str,
    /// What it does, units and limits; one sentence per line.
    pub doc: &'static str,
    pub(super) set: fn(&mut Config, &Value) -> Result<(), String>,
    show: fn(&Config) -> Option<toml::Value>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.name).finish()
    }
}

impl Key {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("PROVOST_{}", self.name.to_uppercase())
    }

    /// The value when nothing is set, as TOML; `None` if there is none.
    pub fn default_value(&self) -> Option<String> {
        (self.show)(&Config::default()).map(|value| value.to_string())
    }

    pub(super) fn print(&self, config: &Config, out: &mut String) {
        for line in self.doc.lines() {
            let _ = writeln!(out, "# {line}");
        }
        let _ = match (self.show)(config) {
            Some(value) => writeln!(out, "{} = {value}\n", self.name),
            None => writeln!(out, "# {} =\n", self.name),
        };
    }
}

/// The row with that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The name that was probably meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let near = KEYS
        .iter()
        .map(|key| (distance(name, key.name), key.name))
        .min()?;
    (near.0 <= 3).then_some(near.1)
}

/// Edit distance of two short names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut previous = i;
        let mut left = i + 1;
        for (slot, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let substitute = previous + usize::from(x != y);
            previous = *slot;
            left = substitute.min(previous + 1).min(left + 1);
            *slot = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

const LEVELS: &[(&str, LogLevel)] = &[
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

const FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

#[expect(clippy::unnecessary_wraps, reason = "rows of the table share one type")]
fn text(value: &(impl ToString + ?Sized)) -> Option<toml::Value> {
    Some(toml::Value::String(value.to_string()))
}

fn number(value: impl TryInto<i64>) -> Option<toml::Value> {
    value.try_into().ok().map(toml::Value::Integer)
}

fn database(value: &Value) -> Result<Database, String> {
    let given = value.text()?;
    if given == "sqlite" {
        return Ok(Database::Sqlite);
    }
    if !given.starts_with("postgres") {
        return Err("must be \"sqlite\" or a URL that begins with postgres://".into());
    }
    let url: Result<_, OpenError> = given.parse();
    url.map(Database::Postgres).map_err(|error| error.0)
}

fn cluster_name(name: &str) -> Result<String, String> {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(is_fit) {
        return Ok(name.to_owned());
    }
    Err("must be 1 to 64 letters, digits, hyphens or underscores".into())
}

const CLIENT_ADDRESSES: &[(&str, ClientAddress)] = &[
    ("none", ClientAddress::Peer),
    (
        "x-forwarded-for",
        ClientAddress::Header(Header::XForwardedFor),
    ),
    ("forwarded", ClientAddress::Header(Header::Forwarded)),
    ("proxy-v1", ClientAddress::Proxy(Version::V1)),
    ("proxy-v2", ClientAddress::Proxy(Version::V2)),
];

fn network(text: &str) -> Result<Prefix, String> {
    let prefix = Prefix::parse(text).map_err(|error| match error {
        PrefixError::HostBits { network, .. } => {
            format!("has {text:?}, which lies inside the network {network}; name that, or the address alone")
        }
        PrefixError::Characters(_) | PrefixError::Address(_) | PrefixError::Length(_) => {
            format!("has {text:?}, which is no IP address and no network such as 10.0.0.0/8")
        }
    })?;
    if prefix.length() == 0 {
        return Err(format!(
            "has {text:?}, which is everybody; name the addresses that are meant"
        ));
    }
    Ok(prefix)
}

fn networks(value: &Value) -> Result<Vec<Prefix>, String> {
    value.list()?.iter().map(|item| network(item)).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "rows of the table share one type")]
fn list(networks: &[Prefix]) -> Option<toml::Value> {
    let items = networks.iter().filter_map(text);
    Some(toml::Value::Array(items.collect()))
}

/// This machine.
pub(super) fn loopback() -> Vec<Prefix> {
    let networks = ["127.0.0.0/8", "::1"];
    let networks = networks.iter().filter_map(|text| network(text).ok());
    networks.collect()
}

/// Every setting, in the order in which it is printed.
pub static KEYS: &[Key] = &[
    Key {
        name: "data_dir",
        doc: "Directory with the database; made when it is absent.",
        set: |c, v| v.text().map(|path| c.data_dir = PathBuf::from(path)),
        show: |c| text(&c.data_dir.display()),
    },
    Key {
        name: "database",
        doc: "Where the data is kept: \"sqlite\", a file in the data directory, for one server;\n\
              or a PostgreSQL database that several nodes share, as\n\
              \"postgres://USER:PASSWORD@HOST:5432/DATABASE\". Several hosts are separated by commas.\n\
              Connections that leave the machine use TLS and check the certificate, by the public\n\
              authorities or by those in ?sslrootcert=FILE; ?sslmode=disable turns that off.\n\
              Best set in PROVOST_DATABASE, which other users of the machine cannot read.",
        set: |c, v| database(v).map(|kind| c.database = kind),
        show: |c| match &c.database {
            Database::Sqlite => text("sqlite"),
            Database::Postgres(url) => text(url),
        },
    },
    Key {
        name: "cluster_name",
        doc: "Name of the cluster whose nodes share the PostgreSQL database. The first node gives it to\n\
              the database; a node of another name is refused.",
        set: |c, v| {
            v.text()
                .and_then(|name| cluster_name(name).map(|name| c.cluster_name = name))
        },
        show: |c| text(&c.cluster_name),
    },
    Key {
        name: "scim_listen",
        doc: "IP address and port of the SCIM API listener.\n\
              An address that is not loopback needs trusted_proxies or allow_direct_http.",
        set: |c, v| v.address().map(|address| c.scim_listen = address),
        show: |c| text(&c.scim_listen),
    },
    Key {
        name: "app_listen",
        doc: "IP address and port of the application listener (Crowd REST).",
        set: |c, v| v.address().map(|address| c.app_listen = address),
        show: |c| text(&c.app_listen),
    },
    Key {
        name: "public_url",
        doc: "URL under which identity providers reach the SCIM API, without /scim; used in every location.\n\
              When not set: http:// and the address of the listener.",
        set: |c, v| v.url().map(|url| c.public_url = Some(url)),
        show: |c| c.public_url.as_ref().and_then(text),
    },
    Key {
        name: "app_url",
        doc: "URL under which the applications reach their listener, without /crowd; used in links.\n\
              When not set: http:// and the address of the listener.",
        set: |c, v| v.url().map(|url| c.app_url = Some(url)),
        show: |c| c.app_url.as_ref().and_then(text),
    },
    Key {
        name: "single_port",
        doc: "Serve SCIM on the application listener too, and open no other port.",
        set: |c, v| v.flag().map(|flag| c.single_port = flag),
        show: |c| Some(c.single_port.into()),
    },
    Key {
        name: "trusted_proxies",
        doc: "Addresses and networks of the gateways in front of the SCIM API listener.",
        set: |c, v| networks(v).map(|networks| c.trusted_proxies = networks),
        show: |c| list(&c.trusted_proxies),
    },
    Key {
        name: "client_address",
        doc: "Where trusted_proxies say for whom they ask: \"none\", \"x-forwarded-for\", \"forwarded\", \"proxy-v1\" or \"proxy-v2\".\n\
              Only this one is believed, and only from them; with \"none\" allowlists see the gateway itself.\n\
              The PROXY protocol is then required on every connection of theirs, health checks included.",
        set: |c, v| {
            v.choice(CLIENT_ADDRESSES)
                .map(|from| c.client_address = from)
        },
        show: |c| {
            let row = CLIENT_ADDRESSES
                .iter()
                .find(|(_, from)| *from == c.client_address);
            row.and_then(|(name, _)| text(*name))
        },
    },
    Key {
        name: "metrics_allowed",
        doc: "Addresses and networks that may read /metrics on the application listener; [] for nobody.\n\
              The page names tenants and applications. A request with a forwarding header that is not trusted is refused.",
        set: |c, v| networks(v).map(|networks| c.metrics_allowed = networks),
        show: |c| list(&c.metrics_allowed),
    },
    Key {
        name: "allow_direct_http",
        doc: "Accept SCIM over plain HTTP without a gateway on an address that is not loopback,\n\
              for agents inside the network. Tokens then travel unencrypted.",
        set: |c, v| v.flag().map(|flag| c.allow_direct_http = flag),
        show: |c| Some(c.allow_direct_http.into()),
    },
    Key {
        name: "allowlist_ca_file",
        doc: "PEM file of the authorities that are believed instead of the public ones where named sets of addresses are fetched,\n\
              for a mirror inside the network.",
        set: |c, v| {
            v.text()
                .map(|path| c.allowlist_ca_file = Some(PathBuf::from(path)))
        },
        show: |c| {
            c.allowlist_ca_file
                .as_ref()
                .and_then(|path| text(&path.display()))
        },
    },
    Key {
        name: "allowlist_allow_private",
        doc: "Fetch named sets of addresses from private and loopback addresses too, for a mirror inside the network.\n\
              Otherwise neither a name nor a redirect can lead the server there.",
        set: |c, v| v.flag().map(|flag| c.allowlist_allow_private = flag),
        show: |c| Some(c.allowlist_allow_private.into()),
    },
    Key {
        name: "max_body_bytes",
        doc: "Largest request body in bytes, from 65536 to 67108864.",
        set: |c, v| {
            let bytes = v.number(1 << 16, 1 << 26)?;
            usize::try_from(bytes)
                .map(|n| c.max_body_bytes = n)
                .map_err(|e| e.to_string())
        },
        show: |c| number(c.max_body_bytes),
    },
    Key {
        name: "scim_max_connections",
        doc: "Most connections at a time on the SCIM API listener; further ones are answered 503.",
        set: |c, v| v.count(100_000).map(|n| c.scim_max_connections = n),
        show: |c| number(c.scim_max_connections.get()),
    },
    Key {
        name: "app_max_connections",
        doc: "Most connections at a time on the application listener; further ones are answered 503.",
        set: |c, v| v.count(100_000).map(|n| c.app_max_connections = n),
        show: |c| number(c.app_max_connections.get()),
    },
    Key {
        name: "scim_threads",
        doc: "Worker threads of the SCIM API listener; when not set, as many as processors.",
        set: |c, v| v.count(1_024).map(|n| c.scim_threads = n),
        show: |c| number(c.scim_threads.get()),
    },
    Key {
        name: "app_threads",
        doc: "Worker threads of the application listener; when not set, as many as processors.",
        set: |c, v| v.count(1_024).map(|n| c.app_threads = n),
        show: |c| number(c.app_threads.get()),
    },
    Key {
        name: "drain_delay_seconds",
        doc: "How long the server still serves when it is told to stop, in seconds, while /health/ready says 503:\n\
              long enough for the balancer to notice. Telling it twice skips the rest.",
        set: |c, v| v.number(0, 3_600).map(|n| c.drain_delay_seconds = n),
        show: |c| number(c.drain_delay_seconds),
    },
    Key {
        name: "drain_seconds",
        doc: "How long requests in flight may take to finish when the server stops, in seconds.",
        set: |c, v| v.number(0, 3_600).map(|n| c.drain_seconds = n),
        show: |c| number(c.drain_seconds),
    },
    Key {
        name: "log_format",
        doc: "How log lines look: \"text\" or \"json\".",
        set: |c, v| v.choice(FORMATS).map(|format| c.log_format = format),
        show: |c| match c.log_format {
            LogFormat::Text => text("text"),
            LogFormat::Json => text("json"),
        },
    },
    Key {
        name: "log_level",
        doc: "The least severe lines that are logged: \"error\", \"warn\", \"info\", \"debug\" or \"trace\".",
        set: |c, v| v.choice(LEVELS).map(|level| c.log_level = level),
        show: |c| text(c.log_level.as_str()),
    },
];
