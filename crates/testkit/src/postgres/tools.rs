//! The programs of the newest PostgreSQL that is installed.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::owner::Owner;
use crate::program::find;

/// Where Debian keeps every version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A directory with programs, and who runs them.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    folder: PathBuf,
    pub(super) owner: Owner,
}

impl Tools {
    /// Finds the newest version.
    pub(super) fn find() -> Result<Self> {
        let folder = newest().or_else(|_| -> Result<PathBuf> {
            let initdb = find("initdb", "postgresql")?;
            Ok(initdb.parent().context("initdb has no folder")?.to_owned())
        })?;
        let owner = Owner::find()?;
        Ok(Self { folder, owner })
    }

    /// A program, to be run by the owner in a directory that he may enter.
    pub(super) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.folder.join(name));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PG") {
                command.env_remove(variable);
            }
        }
        self.owner
            .runs(command.current_dir("/").env("LC_ALL", "C.UTF-8"));
        command
    }
}

fn newest() -> Result<PathBuf> {
    let mut best: Option<(u32, PathBuf)> = None;
    for version in std::fs::read_dir(VERSIONS)? {
        let version = version?;
        let number = version.file_name().to_string_lossy().parse();
        let folder = version.path().join("bin");
        if let (Ok(number), true) = (number, folder.join("initdb").is_file())
            && best.as_ref().is_none_or(|(newest, _)| number > *newest)
        {
            best = Some((number, folder));
        }
    }
    let (_, folder) = best.context("no version has initdb")?;
    Ok(folder)
}
