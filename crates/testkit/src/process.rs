//! Processes that end with the test.
//!
//! Beside each process stands a watcher, a shell that waits at a pipe of the test. When the test
//! process dies, however it dies, the pipe closes and the watcher ends the process by its id.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{patience::until, program::run};

/// A signal that tests send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// `SIGTERM`.
    Term,
    /// `SIGINT`.
    Int,
    /// `SIGQUIT`.
    Quit,
    /// `SIGKILL`.
    Kill,
    /// `SIGSTOP`: the process hangs.
    Stop,
    /// `SIGCONT`: it goes on.
    Cont,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        }
    }

    /// Sends it to one process.
    pub fn send(self, process: u32) -> Result<()> {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", r#"kill -s "$1" "$2""#, "kill", self.name()])
            .arg(process.to_string());
        run(&mut shell).map(|_| ())
    }
}

/// What the watcher does: `$1` the process, `$2` its last signal, `$3` a directory to remove.
const WATCHER: &str = r#"
trap '' INT TERM HUP
read -r line && exit
kill -s CONT "$1"
kill -s "$2" "$1" || exit
while kill -s 0 "$1"; do sleep 0.1; done
[ -z "$3" ] || rm -rf "$3"
"#;

/// How long a process may take to end after its last signal, before it is killed.
const LAST: Duration = Duration::from_secs(20);

/// A running process of a test.
#[derive(Debug)]
pub struct Process {
    child: Child,
    watcher: Child,
    last: Signal,
}

impl Process {
    /// Starts it. With the signal `last` it is ended when it is dropped and when the test dies;
    /// in the latter case the directory `leftover` is removed as well.
    pub fn spawn(command: &mut Command, last: Signal, leftover: Option<&Path>) -> Result<Self> {
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", WATCHER, "watcher"])
            .arg(child.id().to_string())
            .arg(last.name())
            .arg(leftover.unwrap_or(Path::new("")))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let watcher = shell.spawn().context("cannot start the watcher")?;
        Ok(Self {
            child,
            watcher,
            last,
        })
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process itself, for its standard output and the like.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Sends a signal; nothing happens when it has ended.
    pub fn signal(&mut self, signal: Signal) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            signal.send(self.child.id())?;
        }
        Ok(())
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end.
    pub fn wait(&mut self, at_most: Duration) -> Result<ExitStatus> {
        let what = format!("the end of process {}", self.child.id());
        until(&what, at_most, || Ok(self.child.try_wait()?))
    }

    /// kill -9, and its end.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let asked = self.signal(Signal::Cont).and(self.signal(self.last));
        if asked.and_then(|()| self.wait(LAST)).is_err() {
            let _ = self.kill();
        }
        if let Some(mut pipe) = self.watcher.stdin.take() {
            let _ = pipe.write_all(b"ended\n");
        }
        let _ = self.watcher.wait();
    }
}
