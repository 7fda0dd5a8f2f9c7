//! Requests that commit and whose answers are lost are sent again: the end is the same as without.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use provost_directory::{Directory, OpenOptions, change::Position, clock::SystemClock};
use serde_json::Value;

use crate::{
    proxy::{Asked, Deed, Proxy, Upstream},
    stage::{Backstage, Stage, Tenant, simulate},
};

/// Every tenth answer is lost, so that one may be lost several times in a row.
const SIZE: &[&str] = &[
    "--users",
    "30",
    "--groups",
    "6",
    "--days",
    "8",
    "--seed",
    "23",
    "--attempts",
    "12",
];

/// Scrambles a number (splitmix64).
fn scramble(number: u64) -> u64 {
    let bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 27)
}

/// Cuts one answer in ten, some before their first byte and some in their middle.
fn cut(number: u64, asked: &Asked, upstream: &Upstream) -> Deed {
    let answered = upstream.ask(asked);
    match scramble(number) % 20 {
        0 => Deed::Cut(answered, 0),
        1 => Deed::Cut(answered, 20),
        _ => Deed::Answer(answered),
    }
}

/// Sends every PUT, PATCH and DELETE twice, as a balancer that repeats would.
fn twice(asked: &Asked, upstream: &Upstream) -> Deed {
    let answered = upstream.ask(asked);
    if ["PUT", "PATCH", "DELETE"].contains(&&*asked.method) {
        let again = upstream.ask(asked);
        let gone = asked.method == "DELETE" && again.status == 404;
        assert!(
            gone || again.status == answered.status,
            "{asked:?}: {again:?}"
        );
    }
    Deed::Answer(answered)
}

/// Everything that a tenant shows, without ids and times: users by name, groups with their members.
fn shown(stage: &Stage, tenant: &Tenant) -> Result<(Vec<Value>, Vec<Value>)> {
    let users = list(stage, tenant, "/Users")?;
    let names: BTreeMap<String, Value> = users
        .iter()
        .map(|user| (user["id"].to_string(), user["userName"].clone()))
        .collect();
    let mut groups = list(stage, tenant, "/Groups")?;
    for group in &mut groups {
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let name = |member: &Value| names.get(&member["value"].to_string()).cloned();
        let mut members: Vec<_> = members.iter().filter_map(name).collect();
        members.sort_by_key(Value::to_string);
        group["members"] = members.into();
    }
    let bare = |mut all: Vec<Value>| {
        for one in &mut all {
            let manager =
                &mut one["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"];
            *manager = names.get(&manager["value"].to_string()).cloned().into();
            for key in ["id", "meta", "groups"] {
                one[key] = Value::Null;
            }
        }
        all.sort_by_key(Value::to_string);
        all
    };
    Ok((bare(users.clone()), bare(groups)))
}

fn list(stage: &Stage, tenant: &Tenant, endpoint: &str) -> Result<Vec<Value>> {
    let url = format!("{}{}{endpoint}?count=1000", stage.url(), tenant.path);
    let agent = ureq::Agent::config_builder()
        .proxy(None)
        .build()
        .new_agent();
    let token = tenant.proof.last().context("no token")?;
    let request = agent
        .get(url)
        .header("Authorization", format!("Bearer {token}"));
    let body = request.call()?.body_mut().read_to_string()?;
    let body: Value = serde_json::from_str(&body)?;
    let all = body["Resources"].as_array().cloned().unwrap_or_default();
    ensure!(body["totalResults"] == all.len(), "more than one page");
    Ok(all)
}

/// What the log says of each tenant: kinds and names, sorted.
fn logged(stage: &Stage) -> Result<BTreeMap<String, Vec<String>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let directory = Directory::open(OpenOptions {
            data_dir: stage.data_dir().to_owned(),
            database: provost_directory::Database::default(),
            serve: false,
            clock: Arc::new(SystemClock),
        })
        .await?;
        let start = Position {
            number: 0,
            ..directory.head().await?
        };
        let mut logged: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for change in directory.changes_after(start, usize::MAX >> 1).await? {
            let entry = format!("{:?} {}", change.kind, change.name);
            logged.entry(change.tenant).or_default().push(entry);
        }
        for all in logged.values_mut() {
            all.sort();
        }
        directory.close().await;
        Ok(logged)
    })
}

/// What occurs not equally often on both sides.
fn difference(calm: &[String], rough: &[String]) -> Vec<String> {
    let count = |all: &[String], entry: &String| all.iter().filter(|one| *one == entry).count();
    let mut entries: Vec<_> = calm.iter().chain(rough).collect();
    entries.sort();
    entries.dedup();
    let differs = |entry: &&String| {
        let (calm, rough) = (count(calm, entry), count(rough, entry));
        (calm != rough).then(|| format!("{entry}: {calm} without, {rough} with"))
    };
    entries.iter().filter_map(differs).collect()
}

/// Plays the same life with and without tampering; both must end the same, in data and log.
fn ends_the_same(
    idp: &str,
    tamper: impl Fn(&Asked, &Upstream) -> Deed + Send + Sync + 'static,
    must_repeat: bool,
) -> Result<()> {
    let backstage = Backstage::new()?;
    let calm = backstage.tenant("calm", "v2")?;
    let rough = backstage.tenant("rough", "v2")?;
    let mut stage = backstage.open()?;
    let played = simulate(stage.data_dir(), idp, stage.url(), &calm, SIZE)?;
    assert_eq!(played.code, 0, "{idp}: {}", played.verdict);
    let proxy = Proxy::start(stage.url(), tamper)?;
    let played = simulate(stage.data_dir(), idp, &proxy.url, &rough, SIZE)?;
    assert_eq!(played.code, 0, "{idp}: {}", played.verdict);
    let requests = played.verdict["requests"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let repeated = requests.iter().filter_map(|row| row["repeated"].as_u64());
    assert_eq!(
        repeated.sum::<u64>() > 20,
        must_repeat,
        "{idp}: {}",
        played.verdict
    );
    let (calm_data, rough_data) = (shown(&stage, &calm)?, shown(&stage, &rough)?);
    assert!(calm_data.0.len() > 25 && calm_data.1.len() > 5);
    assert_eq!(calm_data.0, rough_data.0, "{idp}: users");
    assert_eq!(calm_data.1, rough_data.1, "{idp}: groups");
    let logged = logged(&stage)?;
    assert!(logged["calm"].len() > 100);
    let differences = difference(&logged["calm"], &logged["rough"]);
    assert_eq!(differences, Vec::<String>::new(), "{idp}: log");
    stage.must_live()
}

fn survives_cuts(idp: &str) -> Result<()> {
    let number = AtomicU64::new(0);
    let tamper = move |asked: &Asked, upstream: &Upstream| {
        cut(number.fetch_add(1, Ordering::SeqCst), asked, upstream)
    };
    ends_the_same(idp, tamper, true)
}

#[test]
fn lost_answers_change_nothing_for_entra() -> Result<()> {
    survives_cuts("entra")?;
    survives_cuts("entra-scim-flag")
}

#[test]
fn lost_answers_change_nothing_for_okta() -> Result<()> {
    survives_cuts("okta")?;
    survives_cuts("okta-catalogue")
}

#[test]
fn writes_that_are_sent_twice_have_one_effect() -> Result<()> {
    for idp in ["entra", "okta-catalogue", "authentik", "okta"] {
        ends_the_same(idp, twice, false)?;
    }
    Ok(())
}
