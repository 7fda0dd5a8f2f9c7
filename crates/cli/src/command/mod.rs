//! The commands, one file each; `history` and `seen` are what `show` tells about users and groups.

mod allowlist;
mod application;
mod archive;
mod config;
mod demo;
mod firewall;
mod gateway;
mod group;
mod history;
mod node;
mod schema;
mod seen;
mod serve;
mod simulate;
mod tenant;
mod token;
mod user;

use clap::Subcommand;

use crate::{failure::Failure, global::Global};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Tenants: one provisioning connection of one identity provider each
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Bearer tokens that identity providers present
    #[command(subcommand)]
    Token(token::Token),
    /// Atlassian applications that read through Crowd
    #[command(subcommand)]
    Application(application::Application),
    /// What the directory holds about a user, and why
    #[command(subcommand)]
    User(user::User),
    /// What the directory holds about a group, and why
    #[command(subcommand)]
    Group(group::Group),
    /// Named sets of IP addresses: from where tenants and applications may be used
    #[command(subcommand)]
    Allowlist(allowlist::Allowlist),
    /// Make the configuration of the firewall around the SCIM port
    Firewall(firewall::Firewall),
    /// Make the configuration of the gateway in front of the nodes
    Gateway(gateway::Gateway),
    /// Write everything into a file, while the server runs
    Backup(archive::Backup),
    /// Put a backup into the place of the database
    Restore(archive::Restore),
    /// Write everything as JSON lines, for another database
    Export(archive::Export),
    /// Take an export into an empty database
    Import(archive::Import),
    /// The servers that share one database
    #[command(subcommand)]
    Node(node::Node),
    /// Check or print the configuration
    #[command(subcommand)]
    Config(config::Config),
    /// Play an identity provider against a SCIM server and judge its answers
    Simulate(simulate::Simulate),
    /// Show the whole way on throw-away data: identity providers push, Jira reads
    Demo(demo::Demo),
}

impl Command {
    /// Does it.
    pub(crate) fn run(&self, global: &Global) -> Result<(), Failure> {
        match self {
            Self::Serve(serve) => serve.run(global),
            Self::Tenant(tenant) => tenant.run(global),
            Self::Token(token) => token.run(global),
            Self::Application(application) => application.run(global),
            Self::User(user) => user.run(global),
            Self::Group(group) => group.run(global),
            Self::Allowlist(allowlist) => allowlist.run(global),
            Self::Firewall(firewall) => firewall.run(global),
            Self::Gateway(gateway) => gateway.run(global),
            Self::Backup(backup) => backup.run(global),
            Self::Restore(restore) => restore.run(global),
            Self::Export(export) => export.run(global),
            Self::Import(import) => import.run(global),
            Self::Node(node) => node.run(global),
            Self::Config(config) => config.run(global),
            Self::Simulate(simulate) => simulate.run(global),
            Self::Demo(demo) => demo.run(global),
        }
    }
}

/// Splits `KEY=VALUE`; for clap.
fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .ok_or_else(|| format!("`{text}` is not KEY=VALUE"))
}
