//! The flags every command takes, the configuration they lead to, and the doors behind it.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use provost::config::{Config, ConfigErrors, Sources};
use provost_directory::{Directory, OpenOptions, clock::SystemClock};

use crate::{failure::Failure, output::Format};

/// Flags that every command takes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Global {
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE", env = "PROVOST_CONFIG")]
    config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help = "Directory with the database [env: PROVOST_DATA_DIR]"
    )]
    data_dir: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Where the data is kept [env: PROVOST_DATABASE]"
    )]
    database: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    /// In which form to answer.
    pub(crate) const fn format(&self) -> Format {
        if self.json {
            Format::Json
        } else {
            Format::Human
        }
    }

    /// The configuration of file, environment and flags; `more` are flags of the command itself.
    pub(crate) fn config(
        &self,
        more: impl IntoIterator<Item = (&'static str, Option<String>)>,
    ) -> Result<Config, Failure> {
        let flags = [
            ("data_dir", self.data_dir.clone()),
            ("database", self.database.clone()),
        ];
        let set = |(key, value): (&'static str, Option<String>)| value.map(|text| (key, text));
        let sources = Sources {
            file: self.config.clone(),
            environment: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            overrides: flags.into_iter().chain(more).filter_map(set).collect(),
        };
        Config::resolve(&sources).map_err(|errors| explain(&errors))
    }

    /// Opens the directory beside a server that may be running, does the work, closes it.
    pub(crate) fn with_directory<T>(
        &self,
        work: impl AsyncFnOnce(&Directory, &Urls) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let config = self.config([])?;
        let urls = Urls::of(&config);
        runtime()?.block_on(async {
            let directory = Directory::open(OpenOptions {
                database: config.store(),
                data_dir: config.data_dir,
                serve: false,
                clock: Arc::new(SystemClock),
            })
            .await?;
            let outcome = work(&directory, &urls).await;
            directory.close().await;
            outcome
        })
    }
}

fn explain(errors: &ConfigErrors) -> Failure {
    Failure::usage(format!(
        "{errors}\n`provost config print` shows every setting."
    ))
}

/// A small runtime for commands.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no runtime could be started: {error}")))
}

/// The URLs that administrators paste elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Urls {
    public: String,
    crowd: String,
}

impl Urls {
    /// The URLs that a configuration leads to.
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            public: config.public_url(),
            crowd: config.crowd_url(),
        }
    }

    /// SCIM 2.0 base URL of a tenant.
    pub(crate) fn v2(&self, tenant: &str) -> String {
        format!("{}/scim/{tenant}/v2", self.public)
    }

    /// SCIM 1.1 base URL of a tenant.
    pub(crate) fn v1(&self, tenant: &str) -> String {
        format!("{}/scim/{tenant}/v1", self.public)
    }

    /// What an application takes as the server URL of its directory.
    pub(crate) fn crowd(&self) -> String {
        self.crowd.clone()
    }
}
