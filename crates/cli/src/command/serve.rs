//! `provost serve`: runs the server until a signal ends it.
//!
//! Logs go to standard error; standard output carries the quick-start block and the line `ready`,
//! nothing else.

use std::sync::{Arc, atomic::AtomicU64};

use clap::Args;
use provost::{
    RunningServer, Server, ServerBuilder,
    config::{Config, LogFormat},
};
use tracing_subscriber::{EnvFilter, fmt};

use super::{application, tenant};
use crate::{
    failure::{Failure, Subject},
    global::{Global, Urls, runtime},
    log::{LogGuard, LogLines},
    output::{self, Facts},
    signal::Stop,
};

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(
        long,
        value_name = "ADDR",
        help = "Address and port of the SCIM API listener [env: PROVOST_SCIM_LISTEN]"
    )]
    scim_listen: Option<String>,
    #[arg(
        long,
        value_name = "ADDR",
        help = "Address and port of the application listener [env: PROVOST_APP_LISTEN]"
    )]
    app_listen: Option<String>,
    #[arg(
        long,
        value_name = "URL",
        help = "URL under which identity providers reach the SCIM API [env: PROVOST_PUBLIC_URL]"
    )]
    public_url: Option<String>,
    /// On an empty data directory, make a tenant, a token and an application, and print them once
    #[arg(long)]
    quick_start: bool,
}

impl Serve {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let config = global.config([
            ("scim_listen", self.scim_listen.clone()),
            ("app_listen", self.app_listen.clone()),
            ("public_url", self.public_url.clone()),
        ])?;
        let last_lines = log_to_stderr(&config)?;
        let runtime = runtime()?;
        let mut stop = runtime.block_on(async { Stop::listen() })?;
        let server = start(config.clone(), last_lines.dropped())?;
        if self.quick_start {
            runtime.block_on(quick_start(&server, config))?;
        }
        output::line(format_args!(
            "ready scim=http://{} app=http://{}",
            server.scim_addr(),
            server.app_addr()
        ));
        runtime.block_on(stop.next());
        std::thread::spawn(move || {
            runtime.block_on(stop.next());
            std::process::exit(1);
        });
        server.shutdown();
        server.wait();
        Ok(())
    }
}

/// Starts the server; the error says what stands in the way.
pub(super) fn start(
    config: Config,
    dropped_log_lines: Arc<AtomicU64>,
) -> Result<RunningServer, Failure> {
    Server::builder()
        .config(config)
        .dropped_log_lines(dropped_log_lines)
        .inherited_listeners()
        .and_then(ServerBuilder::start)
        .map_err(|error| Failure::failed(error.to_string()))
}

fn log_to_stderr(config: &Config) -> Result<LogGuard, Failure> {
    let started = LogLines::start(config.log_format, std::io::stderr());
    let (out, guard) = started.map_err(|error| {
        Failure::failed(format!(
            "no thread for the log: {error}; raise the limits of the system"
        ))
    })?;
    let filter = EnvFilter::new(config.log_level.as_str());
    let lines = fmt().with_env_filter(filter).with_writer(out);
    // A second subscriber cannot be there: this is the first thing the process does.
    let _ = match config.log_format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    Ok(guard)
}

/// The tenant, its token and the application of `--quick-start`; nothing on a directory in use.
async fn quick_start(server: &RunningServer, mut config: Config) -> Result<(), Failure> {
    const TENANT: &str = "default";
    const APPLICATION: &str = "jira";
    let directory = server.directory();
    let explain = |error| Subject::tenant(TENANT).explain(error);
    let tenants = directory.tenants().await.map_err(explain)?;
    let applications = directory.applications().await.map_err(explain)?;
    if !tenants.is_empty() || !applications.is_empty() {
        return Ok(());
    }
    config.scim_listen = server.scim_addr();
    config.app_listen = server.app_addr();
    let urls = Urls::of(&config);
    let tenant = tenant::create(directory, &urls, TENANT, None).await?;
    let tenants = [tenant.tenant.clone()];
    let application = application::create(directory, &urls, APPLICATION, &tenants).await?;
    let facts = Facts::default()
        .with("Tenant URL", &tenant.v2_base_url)
        .with("Secret token", &tenant.token)
        .with("Crowd server URL", &application.crowd_url)
        .with("Application name", &application.application)
        .with("Application password", &application.password);
    output::line(format_args!(
        "{facts}\n\nToken and password are shown this once. Paste the first two into the identity provider, the others into the application.\n"
    ));
    Ok(())
}
