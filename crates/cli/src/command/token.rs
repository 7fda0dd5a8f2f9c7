//! `provost token`: create, list, revoke.

use clap::Subcommand;
use provost_directory::{
    Directory,
    token::{Access, NewToken, Token as Stored},
};
use serde::Serialize;

use crate::{
    failure::{Failure, Subject},
    global::Global,
    output::{Facts, Format, Table, or_dash},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Create a token for a tenant
    Create {
        /// The tenant
        tenant: String,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// How long it is valid, in days, such as 90d; without end if absent
        #[arg(long, value_name = "DAYS", value_parser = days)]
        expires: Option<u32>,
        /// It may only read
        #[arg(long)]
        read_only: bool,
    },
    /// List the tokens of a tenant
    List {
        /// The tenant
        tenant: String,
    },
    /// Revoke a token at once
    Revoke {
        /// Its id, as `provost token list` shows it
        id: String,
    },
}

fn days(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('d').unwrap_or(text);
    match number.parse() {
        Ok(days) if days > 0 => Ok(days),
        _ => Err("a lifetime is a number of days, such as 90d".to_owned()),
    }
}

impl Token {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        global.with_directory(async |directory, _| match self {
            Self::Create {
                tenant,
                label,
                expires,
                read_only,
            } => {
                let new = NewToken {
                    label: label.clone(),
                    expires_days: *expires,
                    access: access(*read_only),
                };
                create(directory, tenant, new, format).await
            }
            Self::List { tenant } => list(directory, tenant, format).await,
            Self::Revoke { id } => revoke(directory, id, format).await,
        })
    }
}

const fn access(read_only: bool) -> Access {
    if read_only {
        Access::ReadOnly
    } else {
        Access::ReadWrite
    }
}

async fn create(
    directory: &Directory,
    tenant: &str,
    new: NewToken,
    format: Format,
) -> Result<(), Failure> {
    let created = directory.create_token(tenant, new).await;
    let (token, secret) = created.map_err(|error| Subject::tenant(tenant).explain(error))?;
    let id = token.id.to_string();
    let facts = Facts::default()
        .with("Token id", &id)
        .with("Expires", expiry(&token))
        .with("Token", secret.reveal());
    format.print(
        &serde_json::json!({ "id": id, "token": secret.reveal() }),
        format_args!(
            "{facts}\n\nThe token is shown this once; store it in the identity provider now."
        ),
    );
    Ok(())
}

fn expiry(token: &Stored) -> String {
    token
        .expires
        .map_or_else(|| "never".to_owned(), |end| end.to_string())
}

#[derive(Serialize)]
struct Summary {
    id: String,
    label: String,
    access: &'static str,
    created: String,
    expires: Option<String>,
}

impl From<&Stored> for Summary {
    fn from(token: &Stored) -> Self {
        Self {
            id: token.id.to_string(),
            label: token.label.clone(),
            access: match token.access {
                Access::ReadWrite => "read-write",
                Access::ReadOnly => "read-only",
            },
            created: token.created.to_string(),
            expires: token.expires.map(|end| end.to_string()),
        }
    }
}

async fn list(directory: &Directory, tenant: &str, format: Format) -> Result<(), Failure> {
    let tokens = directory.tokens(tenant).await;
    let tokens = tokens.map_err(|error| Subject::tenant(tenant).explain(error))?;
    let json: Vec<Summary> = tokens.iter().map(Summary::from).collect();
    let mut table = Table::new(
        &["id", "label", "access", "created", "expires"],
        "The tenant has no token; create one with `provost token create TENANT`.",
    );
    for token in &json {
        table.row([
            token.id.clone(),
            or_dash(&token.label),
            token.access.to_owned(),
            token.created.clone(),
            token.expires.clone().unwrap_or_else(|| "never".to_owned()),
        ]);
    }
    format.print(&json, table);
    Ok(())
}

async fn revoke(directory: &Directory, id: &str, format: Format) -> Result<(), Failure> {
    let revoked = directory.revoke_token(id).await;
    let id = revoked.map_err(|error| Subject::token(id).explain(error))?;
    format.print(
        &serde_json::json!({ "revoked": id.to_string() }),
        format_args!("Revoked the token {id}; servers refuse it within one second."),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_of_days() {
        for (text, expect) in [
            ("90d", Some(90)),
            ("7", Some(7)),
            ("0d", None),
            ("-1d", None),
            ("90h", None),
            ("", None),
        ] {
            assert_eq!(days(text).ok(), expect, "{text:?}");
        }
    }
}
