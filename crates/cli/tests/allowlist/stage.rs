//! A data directory, files beside it, and commands on them.

use std::{fs, path::PathBuf, process::Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::support::{Scratch, provost};

/// A data directory and files.
pub(crate) struct Stage(Scratch);

/// What a command said that was refused.
pub(crate) struct Refused {
    pub(crate) code: i32,
    pub(crate) sentence: String,
}

impl Stage {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Scratch::new()?))
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A file with this text.
    pub(crate) fn file(&self, name: &str, text: &str) -> Result<String> {
        let path = self.0.path().join(name);
        fs::write(&path, text)?;
        Ok(path.display().to_string())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Output> {
        Ok(provost(&self.data_dir()).args(arguments).output()?)
    }

    /// What a command prints that must succeed.
    pub(crate) fn text(&self, arguments: &[&str]) -> Result<String> {
        let output = self.run(arguments)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {complaint}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The JSON that a command prints that must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.text(&[arguments, &["--json"]].concat())?;
        serde_json::from_str(&text).with_context(|| format!("{arguments:?}: {text}"))
    }

    /// What a command says that must be refused.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Result<Refused> {
        let output = self.run(arguments)?;
        ensure!(!output.status.success(), "{arguments:?} was not refused");
        ensure!(output.stdout.is_empty(), "{arguments:?} printed an answer");
        Ok(Refused {
            code: output.status.code().context("ended by a signal")?,
            sentence: String::from_utf8(output.stderr)?,
        })
    }

    /// A set of these networks, one a line.
    pub(crate) fn import(&self, set: &str, networks: &str) -> Result<()> {
        let file = self.file("networks.txt", networks)?;
        let over = ["--feed", "text", "--allow-shrink"];
        self.text(&[&["allowlist", "import", set, &file][..], &over].concat())?;
        Ok(())
    }
}
