//! Nodes that work on the same things at the same time.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anyhow::{Context, Error, Result, ensure};
use provost_directory::{
    Directory, OpenOptions,
    change::{ChangeKind, Position},
    clock::SystemClock,
};
use serde_json::{Value, json};

use crate::{cluster::Cluster, ledger::Http, life::Tenant, number};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Sends a request that must be answered with that status; its body.
fn ask(
    http: &Http,
    tenant: &Tenant,
    (method, url, status): (&str, String, u16),
    body: Option<&Value>,
) -> Result<Value> {
    let authorization = format!("Bearer {}", tenant.token);
    let (got, answer) = http
        .send(method, &url, &authorization, body)
        .with_context(|| format!("{method} {url} was not answered"))?;
    ensure!(got == status, "{method} {url} answered {got}: {answer}");
    Ok(answer)
}

fn id_of(answer: &Value) -> Result<String> {
    let id = answer["id"].as_str();
    id.map(str::to_owned)
        .with_context(|| format!("no id in {answer}"))
}

fn create_user(http: &Http, base: &str, tenant: &Tenant, name: &str) -> Result<String> {
    let body = json!({"schemas": [USER], "userName": name});
    let to = ("POST", format!("{base}/Users"), 201);
    id_of(&ask(http, tenant, to, Some(&body))?)
}

/// Runs `work` once per base URL, all at the same time.
fn everywhere<T: Send>(
    bases: &[String],
    work: impl Fn(usize, &str) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = bases
            .iter()
            .enumerate()
            .map(|(number, base)| scope.spawn(move || work(number, base)))
            .collect();
        let join = |one: std::thread::ScopedJoinHandle<'_, Result<T>>| {
            one.join().map_err(|_| Error::msg("a client panicked"))?
        };
        running.into_iter().map(join).collect()
    })
}

#[test]
fn two_nodes_that_patch_one_group_lose_no_member() -> Result<()> {
    let each = number("PROVOST_NODES_MEMBERS", 1_000);
    let cluster = Cluster::start(2, 1, &[])?;
    let tenant = &cluster.tenants[0];
    let base = |url: &String| format!("{url}/scim/{}/v2", tenant.slug);
    let bases: Vec<_> = cluster.urls()?.iter().map(base).collect();
    let http = Http::new();
    let group = json!({"schemas": [GROUP], "displayName": "everybody"});
    let to = ("POST", format!("{}/Groups", bases[0]), 201);
    let group = id_of(&ask(&http, tenant, to, Some(&group))?)?;
    let added = everywhere(&bases, |number, base| {
        let http = Http::new();
        let mut added = Vec::new();
        for count in 0..each {
            let user = create_user(&http, base, tenant, &format!("n{number}-{count}"))?;
            let op = json!({"op": "add", "path": "members", "value": [{"value": user}]});
            let body = json!({"schemas": [PATCH], "Operations": [op]});
            let to = ("PATCH", format!("{base}/Groups/{group}"), 204);
            ask(&http, tenant, to, Some(&body))?;
            added.push(user);
        }
        Ok(added)
    })?;
    let should: BTreeSet<String> = added.into_iter().flatten().collect();
    for base in &bases {
        let shown = ask(
            &http,
            tenant,
            ("GET", format!("{base}/Groups/{group}"), 200),
            None,
        )?;
        let members = shown["members"].as_array().context("no members")?;
        let is: BTreeSet<String> = members
            .iter()
            .filter_map(|member| member["value"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(is.len(), members.len(), "a member twice");
        assert!(is == should, "{} of {} members", is.len(), should.len());
    }
    println!("2 nodes, {} members, 0 lost", should.len());
    Ok(())
}

/// Reads the log until it was told to stop and nothing is left; ids of created users in the order
/// of the log.
fn follow(cluster: &Cluster, stop: &AtomicBool) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let directory = Directory::open(OpenOptions {
            data_dir: std::env::temp_dir(),
            database: cluster.database()?,
            serve: false,
            clock: Arc::new(SystemClock),
        })
        .await?;
        let mut position = Position {
            number: 0,
            ..directory.head().await?
        };
        let mut created = Vec::new();
        loop {
            // Before the log, so that what was written before the stop is seen after it.
            let is_last = stop.load(Ordering::SeqCst);
            let changes = directory.changes_after(position, 500).await?;
            if changes.is_empty() && is_last {
                directory.close().await;
                return Ok(created);
            }
            for change in changes {
                let next = change.position;
                ensure!(
                    next.epoch == position.epoch && next.number == position.number + 1,
                    "the log goes from {position} to {next}"
                );
                position = next;
                if change.kind == ChangeKind::UserCreated {
                    created.push(change.object);
                }
            }
        }
    })
}

#[test]
fn a_reader_that_follows_the_log_while_32_writers_commit_misses_nothing() -> Result<()> {
    const WRITERS: usize = 32;
    let changes = number("PROVOST_NODES_CHANGES", 5_000);
    let cluster = Cluster::start(3, 1, &[])?;
    let tenant = &cluster.tenants[0];
    let urls = cluster.urls()?;
    let base = |number: usize| format!("{}/scim/{}/v2", urls[number % urls.len()], tenant.slug);
    let bases: Vec<_> = (0..WRITERS).map(base).collect();
    let (left, stop) = (AtomicU64::new(changes), AtomicBool::new(false));
    let (acknowledged, followed) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| follow(&cluster, &stop));
        let acknowledged = everywhere(&bases, |_, base| {
            let http = Http::new();
            let mut created = Vec::new();
            loop {
                let count = left.fetch_sub(1, Ordering::SeqCst);
                if count == 0 || count > changes {
                    return Ok(created);
                }
                created.push(create_user(&http, base, tenant, &format!("u{count}"))?);
            }
        });
        stop.store(true, Ordering::SeqCst);
        let followed = reader.join().map_err(|_| Error::msg("it panicked"))?;
        Ok::<_, Error>((acknowledged?, followed?))
    })?;
    let acknowledged: BTreeSet<String> = acknowledged.into_iter().flatten().collect();
    assert_eq!(acknowledged.len() as u64, changes);
    assert_eq!(followed.len(), acknowledged.len(), "missed or told twice");
    assert!(followed.into_iter().collect::<BTreeSet<_>>() == acknowledged);
    println!("{WRITERS} writers on 3 nodes, {changes} changes, 0 missed");
    Ok(())
}
