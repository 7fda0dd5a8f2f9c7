//! `provost demo`: the whole way on throw-away data.

use std::{
    collections::BTreeMap,
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use provost::{
    RunningServer,
    config::{Config, Sources},
};

use super::{application, serve, tenant};
use crate::{
    demo::{self, CrowdTarget, Target},
    failure::Failure,
    global::{Global, Urls, runtime},
    output::{self, Facts},
    signal::Stop,
};

/// Flags of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Address and port of the SCIM API listener
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:5501")]
    scim_listen: SocketAddr,
    /// Address and port of the application listener
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8095")]
    app_listen: SocketAddr,
    /// End after the table instead of staying up
    #[arg(long)]
    exit: bool,
}

/// The tenants and the application of the demonstration.
struct Props {
    tenants: BTreeMap<String, tenant::Created>,
    application: application::Created,
}

impl Demo {
    pub(super) fn run(&self, _global: &Global) -> Result<(), Failure> {
        check_free(self.scim_listen, "--scim-listen")?;
        check_free(self.app_listen, "--app-listen")?;
        let runtime = runtime()?;
        let mut stop = runtime.block_on(async { Stop::listen() })?;
        let scratch = Scratch::new()?;
        let server = serve::start(self.config(&scratch.0)?, std::sync::Arc::default())?;
        let props = runtime.block_on(props(&server))?;
        let outcome = play(&props);
        if matches!(outcome, Ok(true)) && !self.exit {
            output::line(by_hand(&props));
            runtime.block_on(stop.next());
        }
        server.shutdown();
        server.wait();
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::failed(
                "the demonstration found a difference; please report the lines marked ✗",
            )),
            Err(text) => Err(Failure::Failed(text)),
        }
    }

    fn config(&self, data_dir: &Path) -> Result<Config, Failure> {
        let sources = Sources {
            file: None,
            environment: Vec::new(),
            overrides: vec![
                ("data_dir", data_dir.display().to_string()),
                ("scim_listen", self.scim_listen.to_string()),
                ("app_listen", self.app_listen.to_string()),
            ],
        };
        Config::resolve(&sources).map_err(|errors| Failure::usage(errors.to_string()))
    }
}

/// The server says it too; this says which flag helps.
fn check_free(address: SocketAddr, flag: &str) -> Result<(), Failure> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Failure::failed(format!(
            "{address} is in use by another program; choose another port, for example `{flag} {}`",
            SocketAddr::new(address.ip(), address.port().wrapping_add(10_000))
        ))),
        Err(error) => Err(Failure::failed(format!(
            "{address} cannot be listened on: {error}; choose another address with {flag}"
        ))),
    }
}

/// A throw-away directory, removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("provost-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| {
            Failure::failed(format!(
                "{} cannot be made: {error}; set TMPDIR to a directory that can be written",
                path.display()
            ))
        })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's directory for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn props(server: &RunningServer) -> Result<Props, Failure> {
    let urls = Urls::of(server.config());
    let directory = server.directory();
    let mut tenants = BTreeMap::new();
    for (slug, idp) in demo::cast().map_err(Failure::Failed)? {
        output::line(format_args!("Creating the tenant {slug} for {idp}"));
        let created = tenant::create(directory, &urls, &slug, Some(&slug)).await?;
        tenants.insert(slug, created);
    }
    let slugs: Vec<_> = tenants.keys().cloned().collect();
    output::line("Creating the application jira");
    let application = application::create(directory, &urls, "jira", &slugs).await?;
    Ok(Props {
        tenants,
        application,
    })
}

fn play(props: &Props) -> Result<bool, String> {
    let application = &props.application;
    let credentials = format!("{}:{}", application.application, application.password);
    let crowd = CrowdTarget {
        url: application.crowd_url.clone(),
        authorization: format!("Basic {}", STANDARD.encode(credentials)),
    };
    let target = |slug: &str| {
        props.tenants.get(slug).map(|tenant| Target {
            base: tenant.v2_base_url.clone(),
            token: tenant.token.clone(),
        })
    };
    demo::play(target, crowd)
}

/// What to try by hand while the server stays up.
fn by_hand(props: &Props) -> String {
    let application = &props.application;
    let mut facts = Facts::default();
    let mut calls = Vec::new();
    for tenant in props.tenants.values() {
        facts.push(
            &format!("Tenant URL ({})", tenant.tenant),
            &tenant.v2_base_url,
        );
        facts.push(&format!("Token ({})", tenant.tenant), &tenant.token);
        calls.push(format!(
            "curl -H 'Authorization: Bearer {}' '{}/Users?count=3'",
            tenant.token, tenant.v2_base_url
        ));
    }
    facts.push("Crowd server URL", &application.crowd_url);
    facts.push("Application", &application.application);
    facts.push("Password", &application.password);
    calls.push(format!(
        "curl -u '{}:{}' '{}/rest/usermanagement/1/group/membership'",
        application.application, application.password, application.crowd_url
    ));
    format!(
        "\nThe server stays up. Its data is thrown away when you press Ctrl-C.\n\n{facts}\n\nTo try by hand:\n{}\n",
        calls.join("\n")
    )
}
