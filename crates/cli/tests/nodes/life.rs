//! Lives of identity providers, played by `provost simulate` without any repetition of its own:
//! whatever is not answered well at once is found.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::binary::provost;

/// A tenant with its token.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) slug: String,
    pub(crate) token: String,
}

impl Tenant {
    /// Makes one with a command `provost` that has no arguments yet.
    pub(crate) fn create(mut provost: Command, slug: &str) -> Result<Self> {
        let output = provost
            .args(["tenant", "create", slug, "--json"])
            .output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{slug}: {stderr}");
        let created: Value = serde_json::from_slice(&output.stdout)?;
        let token = created["token"].as_str().context("no token")?;
        Ok(Self {
            slug: slug.to_owned(),
            token: token.to_owned(),
        })
    }
}

/// One life: who is played, and what all chance follows from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) idp: &'static str,
    pub(crate) seed: u64,
}

/// How large a life is: about 250 requests.
const SIZE: &[&str] = &["--users", "14", "--groups", "4", "--days", "7"];

impl Life {
    /// Plays it against `url` (without a path); how many requests were answered.
    pub(crate) fn play(self, url: &str, authority: Option<&Path>, tenant: &Tenant) -> Result<u64> {
        let mut command = provost(&std::env::temp_dir());
        command.env_remove("SCIM_TOKEN");
        command
            .args(["simulate", self.idp, "--json", "--attempts", "1"])
            .args(["--seed", &self.seed.to_string()])
            .args(["--url", &format!("{url}/scim/{}/v2", tenant.slug)])
            .args(["--token", &tenant.token])
            .args(SIZE);
        if let Some(file) = authority {
            command.arg("--gateway-repeats").arg("--ca-file").arg(file);
        }
        let output = command.output()?;
        let verdict: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let findings = verdict["findings"].as_array().context("no findings")?;
        ensure!(findings.is_empty(), "{self:?}: {findings:#?}");
        ensure!(verdict["green"] == true, "{self:?}: {verdict}");
        let rows = verdict["requests"].as_array().context("no requests")?;
        let counts = rows.iter().filter_map(|row| row["count"].as_u64());
        Ok(counts.sum())
    }
}
