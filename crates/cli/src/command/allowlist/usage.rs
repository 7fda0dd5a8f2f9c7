//! `use`, `refresh` and `remove`.

use provost_directory::{Directory, DirectoryError, allowlist::Allowlist};
use serde_json::json;

use super::Target;
use crate::{
    failure::{Failure, Subject},
    output::Format,
};

const KEY: &str = "allowed_addresses";

impl Target {
    /// For error messages.
    pub(super) fn subject(&self) -> Subject<'_> {
        match (&self.tenant, &self.application) {
            (Some(slug), _) => Subject::tenant(slug),
            (None, name) => Subject::application(name.as_deref().unwrap_or_default()),
        }
    }

    /// The allowlist as it is.
    pub(super) async fn list(&self, directory: &Directory) -> Result<Allowlist, Failure> {
        let explain = |error| self.subject().explain(error);
        let list = match (&self.tenant, &self.application) {
            (Some(slug), _) => {
                let tenant = directory.tenant(slug).await.map_err(explain)?;
                tenant.settings.allowed_addresses.clone()
            }
            (None, name) => {
                let name = name.as_deref().unwrap_or_default();
                let application = directory.application(name).await.map_err(explain)?;
                application.allowed_addresses.clone()
            }
        };
        Ok(list)
    }

    async fn set(&self, directory: &Directory, value: String) -> Result<(), DirectoryError> {
        let pairs = [(KEY.to_owned(), value)];
        match (&self.tenant, &self.application) {
            (Some(slug), _) => directory.set_tenant(slug, &pairs).await.map(drop),
            (None, name) => {
                let name = name.as_deref().unwrap_or_default();
                directory.set_application(name, &pairs).await.map(drop)
            }
        }
    }
}

/// Adds a set to an allowlist.
pub(super) async fn add(
    directory: &Directory,
    set: &str,
    target: &Target,
    format: Format,
) -> Result<(), Failure> {
    let found = directory.ip_set(set).await;
    let found = found.map_err(|error| Subject::ip_set(set).explain(error))?;
    let list = target.list(directory).await?;
    let was_open = list.is_empty();
    let value = if list.sets().any(|name| *name == found.name) {
        list.to_string()
    } else if was_open {
        format!("set:{set}")
    } else {
        format!("{list},set:{set}")
    };
    let done = target.set(directory, value.clone()).await;
    done.map_err(|error| target.subject().explain(error))?;
    let Subject { kind, name, .. } = target.subject();
    let note = if was_open {
        "\nUntil now every address could call; from now on only these can. Check yours with `provost allowlist explain`."
    } else {
        ""
    };
    format.print(
        &json!({ kind: name, KEY: value }),
        format_args!("{KEY} of the {kind} `{name}` is {value}.\nIn force on every server within a second.{note}"),
    );
    Ok(())
}

/// Lets the server refresh a set, or not.
pub(super) async fn refresh(
    directory: &Directory,
    set: &str,
    refresh: bool,
    format: Format,
) -> Result<(), Failure> {
    let done = directory.refresh_ip_set(set, refresh).await;
    done.map_err(|error| Subject::ip_set(set).explain(error))?;
    let text = if refresh {
        format!("The server fetches the set `{set}` every day.")
    } else {
        format!("The set `{set}` stays as it is until somebody imports or fetches it.")
    };
    format.print(&json!({ "set": set, "refresh": refresh }), text);
    Ok(())
}

/// Removes a set.
pub(super) async fn remove(
    directory: &Directory,
    set: &str,
    format: Format,
) -> Result<(), Failure> {
    let removed = directory.remove_ip_set(set).await;
    removed.map_err(|error| Subject::ip_set(set).explain(error))?;
    format.print(
        &json!({ "removed": set }),
        format_args!("Removed the set `{set}`."),
    );
    Ok(())
}
