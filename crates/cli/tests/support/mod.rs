//! Runs the real binary: commands to their end, servers until they are ready.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, ensure};

/// A directory of its own, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("provost-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary on that data directory, without the settings of whoever runs the test.
pub(crate) fn provost(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PROVOST_") {
            command.env_remove(name);
        }
    }
    command.env("PROVOST_DATA_DIR", data_dir);
    command.stdin(Stdio::null());
    command
}

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What came on standard output before the line `ready`.
    pub(crate) greeting: String,
    /// `http://…` of SCIM.
    pub(crate) scim: String,
    /// `http://…` of Crowd.
    pub(crate) app: String,
}

impl Server {
    /// Starts a server on ports of its own and waits for the line `ready`.
    pub(crate) fn start(data_dir: &Path, args: &[&str]) -> Result<Self> {
        Self::start_in(data_dir, args, &[])
    }

    /// The same, with variables of the environment.
    pub(crate) fn start_in(
        data_dir: &Path,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let ports = [
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ];
        let mut command = provost(data_dir);
        command.arg("serve").args(ports).args(args);
        command
            .env("PROVOST_LOG_LEVEL", "error")
            .envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// Starts what the command says and waits for the line `ready`.
    pub(crate) fn spawn(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut server = Self {
            child,
            stdout: BufReader::new(stdout),
            greeting: String::new(),
            scim: String::new(),
            app: String::new(),
        };
        server.await_ready()?;
        Ok(server)
    }

    fn await_ready(&mut self) -> Result<()> {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line)?;
            ensure!(
                read > 0,
                "the server ended before it was ready: {}",
                self.greeting
            );
            if let Some(rest) = line.trim_end().strip_prefix("ready scim=") {
                let (scim, app) = rest.split_once(" app=").context("no app in ready")?;
                (self.scim, self.app) = (scim.to_owned(), app.to_owned());
                return Ok(());
            }
            self.greeting.push_str(&line);
        }
    }

    /// The process.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
