//! What a tenant shows over SCIM, and what the log says of it, in a form in which two servers can
//! be compared: without ids and times.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{ledger::Http, life::Tenant};

/// Users by name, and groups with the names of their members; sorted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    users: Vec<String>,
    groups: Vec<String>,
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl Shown {
    /// Reads everything.
    pub(crate) fn read(http: &Http, url: &str, tenant: &Tenant) -> Result<Self> {
        let users = list(http, url, tenant, "Users")?;
        let names: BTreeMap<String, Value> = users
            .iter()
            .map(|user| (user["id"].to_string(), user["userName"].clone()))
            .collect();
        let name = |id: &Value| names.get(&id.to_string()).cloned().unwrap_or_default();
        let mut groups = list(http, url, tenant, "Groups")?;
        for group in &mut groups {
            let members = group["members"].as_array().cloned().unwrap_or_default();
            let mut members: Vec<_> = members.iter().map(|one| name(&one["value"])).collect();
            members.sort_by_key(Value::to_string);
            group["members"] = members.into();
        }
        let plain = |mut all: Vec<Value>| {
            for one in &mut all {
                let manager = name(&one[ENTERPRISE]["manager"]["value"]);
                one[ENTERPRISE]["manager"] = manager;
                for key in ["id", "meta", "groups"] {
                    one[key] = Value::Null;
                }
            }
            let mut all: Vec<_> = all.iter().map(Value::to_string).collect();
            all.sort();
            all
        };
        Ok(Self {
            users: plain(users),
            groups: plain(groups),
        })
    }

    /// What one has and the other has not.
    pub(crate) fn difference(&self, should: &Self) -> Vec<String> {
        let of = |what: &str, is: &[String], should: &[String]| {
            let lacks = should.iter().filter(|one| !is.contains(one));
            let lacks = lacks.map(|one| format!("{what} missing: {one}"));
            let extra = is.iter().filter(|one| !should.contains(one));
            let extra = extra.map(|one| format!("{what} too much: {one}"));
            lacks.chain(extra).collect::<Vec<_>>()
        };
        let mut found = of("user", &self.users, &should.users);
        found.extend(of("group", &self.groups, &should.groups));
        found
    }
}

/// All resources of an endpoint, page by page.
fn list(http: &Http, url: &str, tenant: &Tenant, endpoint: &str) -> Result<Vec<Value>> {
    let authorization = format!("Bearer {}", tenant.token);
    let mut all = Vec::new();
    loop {
        let start = all.len() + 1;
        let url = format!(
            "{url}/scim/{}/v2/{endpoint}?startIndex={start}&count=200",
            tenant.slug
        );
        let (status, page) = http
            .send("GET", &url, &authorization, None)
            .with_context(|| format!("no answer from {url}"))?;
        ensure!(status == 200, "{url} answered {status}: {page}");
        let found = page["Resources"].as_array().cloned().unwrap_or_default();
        let is_last = found.is_empty();
        all.extend(found);
        if is_last {
            ensure!(page["totalResults"] == all.len(), "a torn list");
            return Ok(all);
        }
    }
}
