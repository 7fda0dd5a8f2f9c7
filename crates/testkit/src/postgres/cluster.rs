//! One server: made, started, stopped, killed, hung, copied to a standby and promoted.

use std::{
    fs::{File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use super::tools::Tools;
use crate::{
    folder::Folder,
    patience::until,
    port::free_port,
    process::{Process, Signal},
    program::run,
};

/// The superuser of every server.
const USER: &str = "provost";

/// Its password over the network; what is not a letter is on purpose.
const PASSWORD: &str = "secret";

/// How long a server may take to accept connections.
const START: Duration = Duration::from_secs(60);

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether commits wait for the disk. Without it the server is faster and survives a kill -9
    /// of its own, but not one of the machine.
    pub durable: bool,
    /// Further settings, as in `postgresql.conf`.
    pub settings: Vec<(String, String)>,
}

impl Options {
    /// A server that keeps what it acknowledges.
    pub fn durable() -> Self {
        Self {
            durable: true,
            settings: Vec::new(),
        }
    }

    /// With one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A server. When it is dropped, or the test process dies, it is ended and its data removed.
#[derive(Debug)]
pub struct Postgres {
    // Before the folder, because fields are dropped in this order.
    process: Option<Process>,
    tools: Tools,
    port: u16,
    options: Options,
    folder: Folder,
}

impl Postgres {
    /// Makes a server with an empty database `provost` and starts it.
    pub fn start(options: &Options) -> Result<Self> {
        let mut server = Self::prepare(Tools::find()?, options)?;
        server.initialise()?;
        server.restart()?;
        server.create_database("provost")?;
        Ok(server)
    }

    fn prepare(tools: Tools, options: &Options) -> Result<Self> {
        let folder = Folder::new()?;
        tools.owner.owns(folder.path())?;
        Ok(Self {
            process: None,
            tools,
            port: free_port()?,
            options: options.clone(),
            folder,
        })
    }

    fn initialise(&self) -> Result<()> {
        let password = self.folder.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        self.tools.owner.owns(&password)?;
        let mut initdb = self.tools.program("initdb");
        initdb
            .args(["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
            .arg(format!("--username={USER}"))
            .arg(format!("--pwfile={}", password.display()))
            .arg(format!("--pgdata={}", self.data().display()));
        run(&mut initdb)?;
        // A standby comes over the Unix socket, where the superuser is trusted.
        let access = self.data().join("pg_hba.conf");
        let mut rules = std::fs::read_to_string(&access)?;
        rules.push_str("local replication all trust\n");
        std::fs::write(&access, rules)?;
        Ok(())
    }

    /// Starts it again, on the same port. Also after a kill -9, when what it left behind is still
    /// ending.
    pub fn restart(&mut self) -> Result<()> {
        let outcome = until("the start of PostgreSQL", START, || {
            if !self.is_running() {
                self.spawn()?;
            }
            Ok(self.accepts().then_some(()))
        });
        outcome.with_context(|| self.log())
    }

    fn spawn(&mut self) -> Result<()> {
        self.process = None;
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))?;
        let mut command = self.tools.program("postgres");
        command.arg("-D").arg(self.data());
        for (name, value) in self.settings() {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let leftover = Some(self.folder.path());
        self.process = Some(Process::spawn(&mut command, Signal::Quit, leftover)?);
        Ok(())
    }

    fn settings(&self) -> Vec<(String, String)> {
        let waits = if self.options.durable { "on" } else { "off" };
        let mut all: Vec<_> = [
            ("port", self.port.to_string().as_str()),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", &self.socket().to_string_lossy()),
            ("fsync", waits),
            ("full_page_writes", waits),
            ("max_connections", "300"),
            ("wal_level", "replica"),
            ("hot_standby", "on"),
        ]
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        all.extend(self.options.settings.iter().cloned());
        all
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Whether the server process runs, be it hung.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    fn accepts(&self) -> bool {
        self.psql_in("postgres", "SELECT 1").is_ok()
    }

    /// Runs SQL in the database `provost`; the rows, with `|` between fields.
    pub fn psql(&self, sql: &str) -> Result<String> {
        self.psql_in("provost", sql)
    }

    fn psql_in(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = self.client("psql");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-d", database, "-c", sql]);
        Ok(run(&mut psql)?.trim_end().to_owned())
    }

    /// A client program, such as `pgbench`, that comes over the Unix socket.
    pub fn client(&self, name: &str) -> Command {
        let mut command = self.tools.program(name);
        command.arg("-h").arg(self.socket());
        command.args(["-p", &self.port.to_string(), "-U", USER]);
        command
    }

    /// A new, empty database; its URL.
    pub fn create_database(&self, name: &str) -> Result<String> {
        self.psql_in("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url_of(name))
    }

    /// The URL of the database `provost`.
    pub fn url(&self) -> String {
        self.url_of("provost")
    }

    fn url_of(&self, database: &str) -> String {
        format!(
            "postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}",
            self.port
        )
    }

    /// A URL that names both servers and goes to the one that takes writes.
    pub fn url_with(&self, other: &Self) -> String {
        format!(
            "postgres://{USER}:{PASSWORD}@127.0.0.1:{},127.0.0.1:{}/provost?target_session_attrs=read-write",
            self.port, other.port
        )
    }

    /// The port of 127.0.0.1 on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A copy that follows this server and answers reads.
    pub fn standby(&self) -> Result<Self> {
        let mut standby = Self::prepare(self.tools.clone(), &self.options)?;
        let mut copy = self.client("pg_basebackup");
        copy.args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-D"])
            .arg(standby.data());
        run(&mut copy)?;
        std::fs::set_permissions(standby.data(), Permissions::from_mode(0o700))?;
        standby.restart()?;
        Ok(standby)
    }

    /// Makes a standby the server that takes writes, and waits until it does.
    pub fn promote(&self) -> Result<()> {
        let mut promote = self.tools.program("pg_ctl");
        promote.args(["promote", "-w", "-D"]).arg(self.data());
        run(&mut promote).map(|_| ())
    }

    /// Ends it as after a power cut, without a word to its clients (`pg_ctl stop -m immediate`).
    pub fn stop_immediately(&mut self) -> Result<()> {
        self.end(Signal::Quit)
    }

    /// Ends it, after its clients were told and their transactions rolled back.
    pub fn stop(&mut self) -> Result<()> {
        self.end(Signal::Int)
    }

    fn end(&mut self, signal: Signal) -> Result<()> {
        let process = self.process.as_mut().context("the server is not running")?;
        process.signal(signal)?;
        process.wait(START)?;
        Ok(())
    }

    /// kill -9 of the whole server.
    pub fn kill(&mut self) -> Result<()> {
        let others = self.others()?;
        let process = self.process.as_mut().context("the server is not running")?;
        process.kill()?;
        for other in others {
            // It may have ended by itself.
            let _ = Signal::Kill.send(other);
        }
        Ok(())
    }

    /// SIGSTOP of the whole server: it neither answers nor closes a connection.
    pub fn hang(&mut self) -> Result<()> {
        self.tell_all(Signal::Stop)
    }

    /// SIGCONT of the whole server.
    pub fn go_on(&mut self) -> Result<()> {
        self.tell_all(Signal::Cont)
    }

    fn tell_all(&mut self, signal: Signal) -> Result<()> {
        // The first process first, so that it starts no other one in between.
        let process = self.process.as_mut().context("the server is not running")?;
        process.signal(signal)?;
        for other in self.others()? {
            let _ = signal.send(other);
        }
        Ok(())
    }

    /// The processes that serve connections and do the housekeeping.
    fn others(&self) -> Result<Vec<u32>> {
        let parent = self.process.as_ref().context("the server is not running")?;
        let parent = parent.id().to_string();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc")? {
            let path = entry?.path();
            let id = path
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok());
            // `pid (name) state ppid …`; the name may contain spaces and brackets.
            let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
            let fields = stat.rsplit_once(')').map(|(_, fields)| fields);
            let its_parent = fields.and_then(|fields| fields.split_whitespace().nth(1));
            if let (Some(id), true) = (id, its_parent == Some(parent.as_str())) {
                found.push(id);
            }
        }
        Ok(found)
    }
}
