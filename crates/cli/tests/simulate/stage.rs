//! A server, its tenants, and simulations against it.
//!
//! Tenants are made before the server starts, because a running one sees new tokens a moment later.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::support::{Scratch, Server, provost};

/// A data directory without a server.
pub(crate) struct Backstage(Scratch);

/// A server with a data directory of its own.
pub(crate) struct Stage {
    scratch: Scratch,
    server: Server,
}

/// How a tenant is reached.
pub(crate) struct Tenant {
    /// Path of the base URL.
    pub(crate) path: String,
    /// Flags of `simulate` that prove who is calling.
    pub(crate) proof: Vec<String>,
}

/// The exit code of a simulation and its verdict.
pub(crate) struct Played {
    pub(crate) code: i32,
    pub(crate) verdict: Value,
}

impl Played {
    /// Codes and requests of all findings with that severity.
    pub(crate) fn findings(&self, severity: &str) -> Vec<(String, String)> {
        let all = self.verdict["findings"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let text =
            |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        all.iter()
            .filter(|finding| finding["severity"] == severity)
            .map(|finding| (text(finding, "code"), text(finding, "request")))
            .collect()
    }
}

impl Backstage {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Scratch::new()?))
    }

    /// Starts the server.
    pub(crate) fn open(self) -> Result<Stage> {
        let server = Server::start(self.0.path(), &[])?;
        Ok(Stage {
            scratch: self.0,
            server,
        })
    }

    /// Runs a command that must succeed; its JSON answer.
    pub(crate) fn command(&self, args: &[&str]) -> Result<Value> {
        let output = provost(self.0.path()).args(args).arg("--json").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{args:?}: {stderr}");
        serde_json::from_slice(&output.stdout).with_context(|| format!("{args:?}"))
    }

    /// A tenant with a bearer token.
    pub(crate) fn tenant(&self, slug: &str, version: &str) -> Result<Tenant> {
        let created = self.command(&["tenant", "create", slug])?;
        let token = created["token"].as_str().context("no token")?;
        Ok(Tenant {
            path: format!("/scim/{slug}/{version}"),
            proof: vec!["--token".to_owned(), token.to_owned()],
        })
    }
}

impl Stage {
    pub(crate) fn data_dir(&self) -> &Path {
        self.scratch.path()
    }

    /// Fails if the server has ended.
    pub(crate) fn must_live(&mut self) -> Result<()> {
        let ended = self.server.child().try_wait()?;
        ensure!(ended.is_none(), "the server has ended: {ended:?}");
        Ok(())
    }

    /// `http://…` of SCIM.
    pub(crate) fn url(&self) -> &str {
        &self.server.scim
    }
}

/// Plays an identity provider against `base` (`http://…` without a path).
pub(crate) fn simulate(
    data_dir: &Path,
    idp: &str,
    base: &str,
    tenant: &Tenant,
    more: &[&str],
) -> Result<Played> {
    let url = format!("{base}{}", tenant.path);
    let mut command = provost(data_dir);
    command.args(["simulate", idp, "--json", "--url", &url]);
    command.env_remove("SCIM_TOKEN");
    command.args(&tenant.proof).args(more);
    let output = command.output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let verdict =
        serde_json::from_slice(&output.stdout).with_context(|| format!("{idp}: {stderr}"))?;
    Ok(Played {
        code: output.status.code().context("killed")?,
        verdict,
    })
}
