//! What the identity providers sent beside what the application sees, and whether they agree.

use serde_json::Value;

use super::{
    idp::{IdentityProvider, Sent, text},
    jira::{Jira, JiraUser},
};
use crate::output::{Table, or_dash, yes_no};

/// One person on both sides.
#[derive(Debug)]
pub(super) struct Line {
    idp: String,
    sent: Sent,
    /// The resource as the identity provider reads it back.
    resource: Value,
    /// Its groups as they were named first, and as they are named now.
    sent_groups: Vec<(String, String)>,
    seen: Option<JiraUser>,
    groups: Vec<String>,
}

/// Puts both sides together.
pub(super) fn compare(idp: &IdentityProvider, jira: &Jira) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for person in &idp.people {
        let seen = jira.by_key(&person.id).cloned();
        let groups = seen.iter().flat_map(|user| jira.groups_of(&user.name));
        let resource = idp.read_back(&person.id)?;
        lines.push(Line {
            idp: idp.scenario.tenant.clone(),
            sent_groups: sent_groups(idp, &resource),
            resource,
            groups: groups.map(str::to_owned).collect(),
            seen,
            sent: person.clone(),
        });
    }
    Ok(lines)
}

/// The groups as the identity provider reads them.
fn sent_groups(idp: &IdentityProvider, resource: &Value) -> Vec<(String, String)> {
    let groups = resource.get("groups").and_then(Value::as_array);
    let mut names: Vec<_> = groups
        .into_iter()
        .flatten()
        .filter_map(|group| {
            let now = text(group, "display")?;
            let first = idp.first_name_of(&text(group, "value")?).cloned();
            Some((first.unwrap_or_else(|| now.clone()), now))
        })
        .collect();
    names.sort();
    names
}

impl Line {
    fn sent_active(&self) -> bool {
        self.resource.get("active").and_then(Value::as_bool) != Some(false)
    }

    fn user_name(&self) -> String {
        text(&self.resource, "userName").unwrap_or_default()
    }

    /// What a reader should notice.
    fn marks(&self, seen: &JiraUser) -> String {
        let mut marks = Vec::new();
        if !seen.active {
            marks.push("deactivated".to_owned());
        }
        if seen.name != self.sent.first_name {
            marks.push("renamed, same key".to_owned());
        }
        let derived: Vec<_> = [
            ("name", text(&self.resource, "displayName").is_none()),
            ("e-mail", self.resource.get("emails").is_none()),
        ]
        .into_iter()
        .filter_map(|(field, derived)| derived.then_some(field))
        .collect();
        if self.sent_groups.iter().any(|(first, now)| first != now) {
            marks.push("renamed group keeps its name".to_owned());
        }
        if !derived.is_empty() {
            marks.push(format!("derived: {}", derived.join(", ")));
        }
        marks.join("; ")
    }

    /// What the application sees otherwise than it was sent.
    pub(super) fn difference(&self) -> Option<String> {
        let name = self.user_name();
        let Some(seen) = &self.seen else {
            return Some(format!("{name} is missing in the application"));
        };
        let mut groups = self.groups.clone();
        groups.sort();
        let sent = self.sent_groups.iter().map(|(first, _)| first);
        let complete = !seen.display_name.is_empty() && !seen.email.is_empty();
        [
            (!seen.name.eq_ignore_ascii_case(&name), "the name"),
            (seen.active != self.sent_active(), "the state"),
            (!sent.eq(&groups), "the groups"),
            (!complete, "the display name or e-mail, which is empty,"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then(|| format!("{what} of {name} differs")))
    }
}

/// The table.
pub(super) fn table(lines: &[Line]) -> Table {
    let mut table = Table::new(
        &[
            "tenant",
            "the IdP sent",
            "and then",
            "Jira sees",
            "active",
            "groups",
            "mark",
        ],
        "Nobody was sent.",
    );
    for line in lines {
        let (name, active, mark) = match &line.seen {
            Some(seen) => (seen.name.clone(), yes_no(seen.active), line.marks(seen)),
            None => ("nobody".to_owned(), "–", "missing".to_owned()),
        };
        table.row([
            line.idp.clone(),
            line.sent.first_name.clone(),
            line.sent.deeds.join(", "),
            name,
            active.to_owned(),
            or_dash(&line.groups.join(", ")),
            mark,
        ]);
    }
    table
}
