//! Who runs the servers: PostgreSQL refuses to run as root.

use std::{
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};

use crate::program::is_root;

/// Accounts under which root runs a server, the first that exists.
const ACCOUNTS: &[&str] = &["postgres", "nobody"];

/// The numbers of the account, or `None` to run as whoever runs the test.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// Decides.
    pub(super) fn find() -> Result<Self> {
        if !is_root()? {
            return Ok(Self(None));
        }
        let accounts = std::fs::read_to_string("/etc/passwd")?;
        let account = ACCOUNTS.iter().find_map(|name| numbers(&accounts, name));
        let account = account.context("there is no unprivileged account to run PostgreSQL as")?;
        Ok(Self(Some(account)))
    }

    /// Makes a command run as this account.
    pub(super) fn runs(self, command: &mut Command) -> &mut Command {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a file or directory to this account.
    pub(super) fn owns(self, path: &Path) -> Result<()> {
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group))?;
        }
        Ok(())
    }
}

/// User and group of an account in the form of `/etc/passwd`.
fn numbers(accounts: &str, name: &str) -> Option<(u32, u32)> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let mut found = (fields.next()? == name).then(|| fields.skip(1))?;
        Some((found.next()?.parse().ok()?, found.next()?.parse().ok()?))
    })
}
