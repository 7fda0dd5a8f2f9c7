//! One node: a server process that is started, killed, hung and restarted on the same ports.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use provost_testkit::{Folder, Process, Signal, free_port};
use serde_json::Value;

use crate::binary::provost;

/// How long a node may take to end after SIGTERM.
const END: Duration = Duration::from_secs(60);

/// What a node behind a balancer needs to be told.
pub(crate) const BEHIND: &[(&str, &str)] = &[
    ("PROVOST_CLIENT_ADDRESS", "x-forwarded-for"),
    ("PROVOST_TRUSTED_PROXIES", "127.0.0.1/32"),
];

/// How a node comes to its sockets.
#[derive(Debug)]
enum Door {
    /// It opens them.
    Own { scim: u16, app: u16 },
    /// They are handed over, as systemd does it, and stay open while no node runs.
    Held { scim: TcpListener, app: TcpListener },
}

/// The node. When it is dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Node {
    process: Option<Process>,
    /// Held open, because a server must be able to write to it.
    output: Option<BufReader<ChildStdout>>,
    door: Door,
    variables: Vec<(String, String)>,
    folder: Folder,
}

impl Node {
    /// A node that opens its own sockets; not started yet.
    pub(crate) fn new(variables: &[(&str, &str)]) -> Result<Self> {
        let (scim, app) = (free_port()?, free_port()?);
        Self::with(Door::Own { scim, app }, variables)
    }

    /// A node whose sockets are held for it; not started yet.
    pub(crate) fn with_held_sockets(variables: &[(&str, &str)]) -> Result<Self> {
        let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let (scim, app) = (bind()?, bind()?);
        Self::with(Door::Held { scim, app }, variables)
    }

    fn with(door: Door, variables: &[(&str, &str)]) -> Result<Self> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Ok(Self {
            process: None,
            output: None,
            door,
            variables: variables.iter().map(own).collect(),
            folder: Folder::new()?,
        })
    }

    /// Starts it and waits until it is ready.
    pub(crate) fn start(&mut self) -> Result<()> {
        let (scim, app) = self.ports()?;
        let mut serve = self.command();
        serve
            .arg("serve")
            .args(["--scim-listen", &format!("127.0.0.1:{scim}")])
            .args(["--app-listen", &format!("127.0.0.1:{app}")])
            .env("PROVOST_LOG_LEVEL", "warn")
            .stdout(Stdio::piped());
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        let mut serve = match &self.door {
            Door::Own { .. } => {
                serve.stderr(log);
                serve
            }
            Door::Held { scim, app } => handed_over(&serve, &self.log_file(), scim, app)?,
        };
        let leftover = Some(self.folder.path());
        let mut process = Process::spawn(&mut serve, Signal::Kill, leftover)?;
        let output = process.child().stdout.take().context("no output")?;
        self.output = Some(BufReader::new(output));
        self.process = Some(process);
        self.await_ready()
    }

    fn await_ready(&mut self) -> Result<()> {
        let output = self.output.as_mut().context("not started")?;
        let mut line = String::new();
        while !line.starts_with("ready ") {
            line.clear();
            let read = output.read_line(&mut line)?;
            let log = || std::fs::read_to_string(self.folder.path().join("log"));
            ensure!(read > 0, "the node ended: {}", log()?);
        }
        Ok(())
    }

    /// The command `provost` on the data of this node.
    pub(crate) fn command(&self) -> Command {
        let mut command = provost(self.folder.path());
        let variables = self.variables.iter();
        command.envs(variables.map(|(name, value)| (name, value)));
        command
    }

    /// Where it keeps its data, if it has no other database.
    pub(crate) fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command that must succeed; its JSON answer.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Value> {
        let output = self.command().args(args).arg("--json").output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{args:?}: {stderr}");
        serde_json::from_slice(&output.stdout).with_context(|| format!("{args:?}"))
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let process = self.process.as_mut().context("not started")?;
        process.kill()
    }

    /// SIGTERM, and the end of it: with exit code 0, after everything under way was answered.
    pub(crate) fn terminate(&mut self) -> Result<()> {
        let process = self.process.as_mut().context("not started")?;
        process.signal(Signal::Term)?;
        let status = process.wait(END)?;
        ensure!(status.success(), "{status}: {}", self.log());
        Ok(())
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Where SCIM is, as `address:port`.
    pub(crate) fn scim(&self) -> Result<String> {
        Ok(format!("127.0.0.1:{}", self.ports()?.0))
    }

    /// Where Crowd is, as `address:port`.
    pub(crate) fn app(&self) -> Result<String> {
        Ok(format!("127.0.0.1:{}", self.ports()?.1))
    }

    fn ports(&self) -> Result<(u16, u16)> {
        match &self.door {
            Door::Own { scim, app } => Ok((*scim, *app)),
            Door::Held { scim, app } => Ok((scim.local_addr()?.port(), app.local_addr()?.port())),
        }
    }
}

/// A shell moves its standard input and error to where systemd puts sockets, and becomes the node.
fn handed_over(
    serve: &Command,
    log: &Path,
    scim: &TcpListener,
    app: &TcpListener,
) -> Result<Command> {
    const SCRIPT: &str = r#"exec 3<&0 4<&2 </dev/null 2>>"$LOG"
                            export LISTEN_PID=$$ LISTEN_FDS=2
                            exec "$@""#;
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", SCRIPT, "sh"])
        .arg(serve.get_program())
        .args(serve.get_args());
    for (name, value) in serve.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .env("LOG", log)
        .stdin(OwnedFd::from(scim.try_clone()?))
        .stderr(OwnedFd::from(app.try_clone()?))
        .stdout(Stdio::piped());
    Ok(shell)
}
