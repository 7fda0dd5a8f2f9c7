//! Finds users and groups for `show` and `list`.
//!
//! Everything is read through the directory's use cases; nothing here writes.

use clap::Args;
use provost_directory::{
    Directory, DirectoryError,
    group::Group,
    id::{GroupId, UserId},
    token::Caller,
    user::User,
};
use provost_scim::{list::ListRequest, schema::ResourceType};

use crate::failure::{Failure, Subject};

/// Which users or groups a list shows.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only this tenant
    #[arg(long)]
    tenant: Option<String>,
    /// A SCIM filter, such as 'displayName sw "jira"'
    #[arg(long)]
    filter: Option<String>,
    /// At most so many of each tenant
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u64,
}

impl Selection {
    /// A caller for each tenant that is asked.
    pub(crate) async fn callers(&self, directory: &Directory) -> Result<Vec<Caller>, Failure> {
        callers(directory, self.tenant.as_deref()).await
    }

    /// A list request as a client would send it.
    pub(crate) fn request(
        &self,
        kind: &'static ResourceType,
        caller: &Caller,
    ) -> Result<ListRequest, Failure> {
        request(kind, caller, self.filter.as_deref(), self.limit)
    }
}

/// A caller for every tenant, or for the one that was named.
pub(crate) async fn callers(
    directory: &Directory,
    tenant: Option<&str>,
) -> Result<Vec<Caller>, Failure> {
    let slugs = if let Some(slug) = tenant {
        vec![slug.to_owned()]
    } else {
        let all = directory.tenants().await;
        let all = all.map_err(|error| Subject::tenant("").explain(error))?;
        all.iter().map(|tenant| tenant.slug.clone()).collect()
    };
    let mut callers = Vec::with_capacity(slugs.len());
    for slug in slugs {
        let caller = directory.administrator(&slug).await;
        callers.push(caller.map_err(|error| Subject::tenant(&slug).explain(error))?);
    }
    Ok(callers)
}

/// A list request with that filter and at most `limit` answers.
fn request(
    kind: &'static ResourceType,
    caller: &Caller,
    filter: Option<&str>,
    limit: u64,
) -> Result<ListRequest, Failure> {
    // Neither members nor groups are shown in lists, and both cost.
    let excluded = ("excludedattributes".to_owned(), "members,groups".to_owned());
    let mut pairs = vec![("count".to_owned(), limit.to_string()), excluded];
    pairs.extend(filter.map(|text| ("filter".to_owned(), text.to_owned())));
    ListRequest::parse(&pairs, kind, &caller.tenant.settings.profile)
        .map_err(|refusal| Failure::usage(refusal.detail().to_owned()))
}

/// `attribute eq "value"`.
fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", serde_json::Value::from(value))
}

/// `None` instead of "not found".
fn found<T>(
    outcome: Result<T, DirectoryError>,
    subject: Subject<'_>,
) -> Result<Option<T>, Failure> {
    match outcome {
        Ok(object) => Ok(Some(object)),
        Err(DirectoryError::NotFound) => Ok(None),
        Err(error) => Err(subject.explain(error)),
    }
}

/// The user of that id or userName in the caller's tenant, with its groups.
pub(crate) async fn user(
    directory: &Directory,
    caller: &Caller,
    name: &str,
) -> Result<Option<User>, Failure> {
    let subject = Subject::user(name);
    let id = match UserId::parse(name) {
        None => user_of_name(directory, caller, name).await?,
        known => known,
    };
    match id {
        Some(id) => found(directory.user(caller, id, true).await, subject),
        None => Ok(None),
    }
}

async fn user_of_name(
    directory: &Directory,
    caller: &Caller,
    name: &str,
) -> Result<Option<UserId>, Failure> {
    let request = request(
        caller.tenant.types.user,
        caller,
        Some(&equals("userName", name)),
        1,
    )?;
    let page = directory.users(caller, &request, 1).await;
    let page = page.map_err(|error| Subject::user(name).explain(error))?;
    Ok(page.items.first().map(|user| user.id))
}

/// The group of that id or displayName in the caller's tenant, with its members.
pub(crate) async fn group(
    directory: &Directory,
    caller: &Caller,
    name: &str,
) -> Result<Option<Group>, Failure> {
    let subject = Subject::group(name);
    let id = match GroupId::parse(name) {
        None => group_of_name(directory, caller, name).await?,
        known => known,
    };
    match id {
        Some(id) => found(directory.group(caller, id, true).await, subject),
        None => Ok(None),
    }
}

async fn group_of_name(
    directory: &Directory,
    caller: &Caller,
    name: &str,
) -> Result<Option<GroupId>, Failure> {
    let filter = equals("displayName", name);
    let request = request(caller.tenant.types.group, caller, Some(&filter), 1)?;
    let page = directory.groups(caller, &request, 1).await;
    let page = page.map_err(|error| Subject::group(name).explain(error))?;
    Ok(page.items.first().map(|group| group.id))
}
