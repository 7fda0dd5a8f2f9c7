//! A database that is killed, restarted, hung, cut off and replaced by its standby, while writers
//! write, applications synchronise and somebody asks the whole time.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, ensure};
use provost_testkit::{
    find_program, pause,
    postgres::{Options, Postgres},
    run, until,
};
use serde_json::json;

use crate::{
    cluster::Cluster,
    crowd::model::Application,
    ledger::Http,
    watch::{ANCHOR, Watch},
    writers::Writers,
};

const NODES: usize = 2;
const WRITERS: u64 = 4;

/// How long the database is away: longer than any statement may take.
const AWAY: Duration = Duration::from_secs(8);

/// For progress that must come; only a broken server lets it pass.
const PATIENCE: Duration = Duration::from_secs(120);

/// After every trouble the application synchronises so often before the next one.
const SYNCHRONISATIONS: u64 = 3;

/// Between two synchronisations of the application.
const BETWEEN: Duration = Duration::from_millis(100);

/// What goes on while the database has trouble.
struct Scene {
    cluster: Cluster,
    writers: Writers,
    watch: Watch,
    /// Stops the application, which is then given back.
    stop: Arc<AtomicBool>,
    application: JoinHandle<Result<Application>>,
    /// How often it has synchronised.
    synchronised: Arc<AtomicU64>,
    password: String,
}

impl Scene {
    fn start(cluster: Cluster) -> Result<Self> {
        let node = &cluster.nodes[0];
        let created = node.run(&["application", "create", "jira", "--tenant", "t0"])?;
        let password = created["password"].as_str().context("no password")?;
        // The writers delete more people at a time than the brake lets pass.
        node.run(&["application", "set", "jira", "mass_change_share=off"])?;
        let tenant = &cluster.tenants[0];
        let urls = cluster.urls()?;
        plant(&urls[0], tenant)?;
        let writers = Writers::start(WRITERS, &urls, tenant);
        await_more(&writers, 20)?;
        let apps = apps(&cluster)?;
        let nodes: Vec<_> = urls.into_iter().zip(apps.clone()).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let mut application = Application::new("jira", password, &apps);
        until("a first synchronisation", PATIENCE, || {
            Ok(application.synchronise()?.then_some(()))
        })?;
        let synchronised = Arc::new(AtomicU64::new(0));
        let (told, count) = (stop.clone(), synchronised.clone());
        Ok(Self {
            watch: Watch::start(&nodes, tenant, password),
            application: std::thread::spawn(move || {
                while !told.load(Ordering::SeqCst) {
                    count.fetch_add(application.synchronise()?.into(), Ordering::SeqCst);
                    pause(BETWEEN);
                }
                Ok(application)
            }),
            stop,
            synchronised,
            writers,
            password: password.to_owned(),
            cluster,
        })
    }

    /// Whether nothing wrong was answered yet.
    fn is_well(&self) -> bool {
        self.writers.is_well() && self.watch.is_well() && !self.application.is_finished()
    }

    /// Makes the database fail and come back, and waits until writes go on.
    fn outlive(
        &mut self,
        what: &str,
        fault: impl FnOnce(&mut Cluster) -> Result<()>,
    ) -> Result<()> {
        let (before, troubles) = (self.writers.acknowledged(), self.writers.troubles());
        fault(&mut self.cluster).context(what.to_owned())?;
        let (back, then) = (Instant::now(), self.writers.acknowledged());
        until("writes after the trouble", PATIENCE, || {
            Ok((self.writers.acknowledged() > then || !self.is_well()).then_some(()))
        })?;
        let resumed = back.elapsed();
        await_more(&self.writers, 20)?;
        let goal = self.synchronised.load(Ordering::SeqCst) + SYNCHRONISATIONS;
        until("synchronisations after the trouble", PATIENCE, || {
            let enough = self.synchronised.load(Ordering::SeqCst) >= goal;
            Ok((enough || !self.is_well()).then_some(()))
        })
        .with_context(|| self.cluster.complaints())?;
        println!(
            "{what}: {} acknowledged during it, {} refused, writes resumed after {resumed:?}",
            then - before,
            self.writers.troubles() - troubles,
        );
        Ok(())
    }

    /// Ends it, and looks whether everything is as it must be; how often the application
    /// synchronised fully.
    fn finish(self) -> Result<u64> {
        let complaints = || self.cluster.complaints();
        until("every node is ready", PATIENCE, || {
            Ok(are_ready(&self.cluster)?.then_some(()))
        })
        .with_context(complaints)?;
        self.stop.store(true, Ordering::SeqCst);
        let seen = self.watch.finish().with_context(complaints)?;
        let (acknowledged, longest) = self.writers.finish().with_context(complaints)?;
        let joined = self.application.join();
        let mut application = joined
            .map_err(|_| Error::msg("it panicked"))?
            .with_context(complaints)?;
        until("a last synchronisation", PATIENCE, || {
            Ok(application.synchronise()?.then_some(()))
        })?;
        let mut fresh = Application::new("jira", &self.password, &apps(&self.cluster)?);
        ensure!(fresh.synchronise()?, "nothing is amiss any more");
        application.must_agree_with(&fresh)?;
        ensure!(application.active().contains(&ANCHOR.to_owned()));
        let log = self.cluster.log()?;
        println!(
            "{acknowledged} writes acknowledged, 0 lost; {:?}; longest answer {:?}; {} full and {} incremental synchronisations; log valid to {}",
            seen.statuses,
            longest.max(seen.longest),
            application.full,
            application.incremental,
            log.end
        );
        Ok(application.full)
    }
}

/// Writes go on at one node while another one may still be on its way back to the database.
fn are_ready(cluster: &Cluster) -> Result<bool> {
    let mut all = true;
    for app in apps(cluster)? {
        let url = format!("{app}/health/ready");
        let answer = Http::new().exchange("GET", &url, &[], None);
        all &= answer.with_context(|| format!("{url} was not answered"))?.0 == 200;
    }
    Ok(all)
}

fn apps(cluster: &Cluster) -> Result<Vec<String>> {
    let url = |node: &crate::node::Node| Ok(format!("http://{}", node.app()?));
    cluster.nodes.iter().map(url).collect()
}

/// Makes a user and a group that stay.
fn plant(url: &str, tenant: &crate::life::Tenant) -> Result<()> {
    let authorization = format!("Bearer {}", tenant.token);
    let core = "urn:ietf:params:scim:schemas:core:2.0";
    for (endpoint, body) in [
        (
            "Users",
            json!({"schemas": [format!("{core}:User")], "userName": ANCHOR}),
        ),
        (
            "Groups",
            json!({"schemas": [format!("{core}:Group")], "displayName": "anchors"}),
        ),
    ] {
        let url = format!("{url}/scim/{}/v2/{endpoint}", tenant.slug);
        let answer = Http::new().send("POST", &url, &authorization, Some(&body));
        ensure!(
            answer.as_ref().is_some_and(|(status, _)| *status == 201),
            "{answer:?}"
        );
    }
    Ok(())
}

fn await_more(writers: &Writers, more: u64) -> Result<()> {
    let goal = writers.acknowledged() + more;
    until("acknowledged writes", PATIENCE, || {
        Ok((writers.acknowledged() >= goal || !writers.is_well()).then_some(()))
    })
}

/// A way in which a database goes away and comes back.
type Fault = (&'static str, fn(&mut Postgres) -> Result<()>);

const FAULTS: &[Fault] = &[
    ("killed", |postgres| {
        postgres.kill()?;
        postgres.restart()
    }),
    ("killed, and away for a while", |postgres| {
        postgres.kill()?;
        pause(AWAY);
        postgres.restart()
    }),
    ("stopped at once", |postgres| {
        postgres.stop_immediately()?;
        postgres.restart()
    }),
    ("restarted", |postgres| {
        postgres.stop()?;
        postgres.restart()
    }),
    ("hung", |postgres| {
        postgres.hang()?;
        pause(AWAY);
        postgres.go_on()
    }),
    ("hung for long", |postgres| {
        postgres.hang()?;
        pause(AWAY * 2);
        postgres.go_on()
    }),
];

#[test]
fn a_database_that_goes_away_and_comes_back_is_503_and_nothing_else() -> Result<()> {
    let mut scene = Scene::start(Cluster::start(NODES, 1, &[])?)?;
    for (what, fault) in FAULTS {
        scene.outlive(what, |cluster| fault(&mut cluster.postgres))?;
        if !scene.is_well() {
            break;
        }
    }
    scene.finish()?;
    Ok(())
}

#[test]
fn a_standby_that_is_promoted_loses_nothing_and_applications_synchronise_fully() -> Result<()> {
    let postgres = Postgres::start(&Options::durable())?;
    let standby = postgres.standby()?;
    // From now on a commit waits for the standby, as the documentation asks for.
    postgres.psql("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
    postgres.psql("SELECT pg_reload_conf()")?;
    let url = postgres.url_with(&standby);
    let cluster = Cluster::on(postgres, url, NODES, 1, &[])?;
    let mut scene = Scene::start(cluster)?;
    scene.outlive("replaced by its standby", |cluster| {
        cluster.postgres.kill()?;
        standby.promote()
    })?;
    let full = scene.finish()?;
    ensure!(full >= 2, "a new epoch makes applications start over");
    Ok(())
}

/// Set where the test runs in a network of its own.
const INSIDE: &str = "PROVOST_TEST_INSIDE_NAMESPACE";

#[test]
fn a_database_that_is_cut_off_by_a_firewall_is_503_and_nothing_else() -> Result<()> {
    // In a network of its own, where packets can be dropped without touching anybody else.
    let script = "ip link set lo up && exec \"$0\" --exact \
                  database::inside_a_network_of_its_own --ignored --nocapture";
    let mut unshare = Command::new(find_program("unshare", "util-linux")?);
    find_program("ip", "iproute2")?;
    if !provost_testkit::is_root()? {
        unshare.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    unshare
        .args(["--net", "sh", "-c", script])
        .arg(std::env::current_exe()?)
        .env(INSIDE, "1");
    let said = run(&mut unshare)?;
    println!("{said}");
    Ok(())
}

#[test]
#[ignore = "runs as a child of a_database_that_is_cut_off_by_a_firewall_is_503_and_nothing_else"]
fn inside_a_network_of_its_own() -> Result<()> {
    if std::env::var_os(INSIDE).is_none() {
        return Ok(());
    }
    let nft = find_program("nft", "nftables")?;
    let mut scene = Scene::start(Cluster::start(NODES, 1, &[])?)?;
    scene.outlive("cut off", |cluster| {
        let port = cluster.postgres.port();
        let rules = format!(
            "table inet cut {{ chain input {{ type filter hook input priority 0; \
             tcp dport {port} drop; tcp sport {port} drop; }}; }}"
        );
        tell(&nft, &rules)?;
        pause(AWAY);
        tell(&nft, "delete table inet cut")
    })?;
    scene.finish()?;
    Ok(())
}

fn tell(nft: &Path, rules: &str) -> Result<()> {
    run(Command::new(nft).arg(rules)).map(drop)
}
