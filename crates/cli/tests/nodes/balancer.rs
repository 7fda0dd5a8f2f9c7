//! The external balancer in front of the nodes, as `provost gateway` configures it.

use std::{
    fs::File,
    net::TcpStream,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use provost_testkit::{Folder, Process, Signal, find_program, free_port, run, until};

use crate::{certificate::Certificate, node::Node};

/// How long it may take to accept connections.
const START: Duration = Duration::from_secs(30);

/// The programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    HaProxy,
    Nginx,
}

/// A running balancer with TLS; ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Balancer {
    process: Process,
    /// `https://…`, without a path.
    pub(crate) url: String,
    pub(crate) certificate: Certificate,
    folder: Folder,
}

impl Balancer {
    /// Starts it in front of nodes, with the configuration that `provost gateway` writes there.
    pub(crate) fn start(kind: Kind, nodes: &[&Node]) -> Result<Self> {
        let folder = Folder::new()?;
        let certificate = Certificate::new(folder.path())?;
        let port = free_port()?;
        let file = folder.path().join("configuration");
        let text = configuration(kind, port, &certificate, nodes)?;
        // The place of a package's own installation is not that of a test.
        let log = folder.path().join("requests");
        let text = text.replace("/var/log/nginx/provost.log", &log.to_string_lossy());
        std::fs::write(&file, text)?;
        let log = File::create(folder.path().join("log"))?;
        let mut command = command(kind, &folder, file)?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut balancer = Self {
            process: Process::spawn(&mut command, Signal::Term, Some(folder.path()))?,
            url: format!("https://127.0.0.1:{port}"),
            certificate,
            folder,
        };
        balancer.await_port(port).with_context(|| balancer.log())?;
        Ok(balancer)
    }

    fn await_port(&mut self, port: u16) -> Result<()> {
        until("the balancer", START, || {
            ensure!(self.process.is_running(), "the balancer ended");
            Ok(TcpStream::connect(("127.0.0.1", port)).ok().map(drop))
        })
    }

    /// The end of [`Balancer::log`], for a message.
    pub(crate) fn last_lines(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().rev().take(100).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// What it wrote: of `HAProxy` one line per request, of nginx only trouble.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

fn configuration(
    kind: Kind,
    port: u16,
    certificate: &Certificate,
    nodes: &[&Node],
) -> Result<String> {
    let node = nodes.first().context("a balancer has nodes")?;
    let format = match kind {
        Kind::HaProxy => "haproxy",
        Kind::Nginx => "nginx",
    };
    let mut gateway = node.command();
    gateway
        .args(["gateway", "--format", format, "--server-name", "127.0.0.1"])
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--certificate")
        .arg(&certificate.file)
        .arg("--key")
        .arg(&certificate.key);
    for node in nodes {
        gateway.args(["--node", &node.scim()?]);
    }
    run(&mut gateway)
}

fn command(kind: Kind, folder: &Folder, file: PathBuf) -> Result<Command> {
    let command = match kind {
        Kind::HaProxy => {
            let mut command = Command::new(find_program("haproxy", "haproxy")?);
            command.arg("-db").arg("-f").arg(file);
            command
        }
        Kind::Nginx => {
            let mut command = Command::new(find_program("nginx", "nginx-light")?);
            let place = "daemon off; pid nginx.pid; error_log stderr warn;";
            command.arg("-p").arg(folder.path()).arg("-c").arg(file);
            command.args(["-g", place]);
            command
        }
    };
    Ok(command)
}
