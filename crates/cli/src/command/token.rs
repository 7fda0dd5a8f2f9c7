//! `provost token`: create, list, revoke.

use clap::Subcommand;
use provost_directory::{
    Directory,
    credential::{Form, HeaderName},
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
        /// As user name and password for HTTP Basic, for agents that know no tokens
        #[arg(long)]
        basic: bool,
        /// To be sent in a header of this name, such as X-Provost-Key
        #[arg(long, value_name = "NAME", conflicts_with = "basic", value_parser = header)]
        header: Option<HeaderName>,
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

fn header(text: &str) -> Result<HeaderName, String> {
    HeaderName::parse(text).map_err(|error| error.to_string())
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
                basic,
                header,
            } => {
                let new = NewToken {
                    label: label.clone(),
                    expires_days: *expires,
                    access: access(*read_only),
                    form: form(*basic, header.as_ref()),
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

fn form(basic: bool, header: Option<&HeaderName>) -> Form {
    match header {
        Some(name) => Form::Header(name.clone()),
        None if basic => Form::Basic,
        None => Form::Bearer,
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
    let mut facts = Facts::default()
        .with("Token id", &id)
        .with("Expires", expiry(&token));
    let mut json = serde_json::Map::from_iter([("id".to_owned(), id.clone().into())]);
    for (key, label, value) in pasted(&token, &id, secret.reveal()) {
        facts.push(label, value);
        json.insert(key.to_owned(), value.into());
    }
    let what = match token.form {
        Form::Bearer => "The token",
        Form::Basic => "The password",
        Form::Header(_) => "The value of the header",
    };
    format.print(
        &json,
        format_args!(
            "{facts}\n\n{what} is shown this once; store it in the identity provider now."
        ),
    );
    Ok(())
}

/// What has to be pasted into the identity provider: key in JSON, label, value.
fn pasted<'a>(
    token: &'a Stored,
    id: &'a str,
    secret: &'a str,
) -> Vec<(&'static str, &'static str, &'a str)> {
    match &token.form {
        Form::Bearer => vec![("token", "Token", secret)],
        Form::Basic => vec![
            ("username", "User name", id),
            ("password", "Password", secret),
        ],
        Form::Header(name) => vec![
            ("header", "Header", name.as_str()),
            ("token", "Value", secret),
        ],
    }
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
    form: String,
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
            form: token.form.to_string(),
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
        &["id", "label", "access", "form", "created", "expires"],
        "The tenant has no token; create one with `provost token create TENANT`.",
    );
    for token in &json {
        table.row([
            token.id.clone(),
            or_dash(&token.label),
            token.access.to_owned(),
            token.form.clone(),
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
