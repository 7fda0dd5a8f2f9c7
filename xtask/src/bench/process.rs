//! The measured servers as processes of their own.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Ticks of a second in `/proc/<pid>/stat` on Linux.
const TICKS: f64 = 100.0;

/// A directory that is removed when dropped. Below the target directory, which is on a disk.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self> {
        let own = std::env::current_exe()?;
        let path = own.with_file_name(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command of the binary; its JSON answer.
pub(super) fn command(binary: &Path, data_dir: &Path, args: &[&str]) -> Result<Value> {
    let output = Command::new(binary)
        .args(args)
        .arg("--json")
        .arg("--data-dir")
        .arg(data_dir)
        .output()
        .with_context(|| format!("{}; build it with --release first", binary.display()))?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A running server; killed when dropped.
pub(super) struct Server {
    child: Child,
    /// Where it listens; for identity providers, if it is the release binary.
    pub(super) address: SocketAddr,
    /// Where the release binary listens for applications.
    pub(super) applications: Option<SocketAddr>,
}

impl Server {
    /// The bare server of this program.
    pub(super) fn bare(args: &[&str]) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare-server").args(args);
        Self::start(command)
    }

    /// The release binary.
    pub(super) fn provost(binary: &Path, data_dir: &Path) -> Result<Self> {
        Self::provost_in(binary, data_dir, &[])
    }

    /// The release binary with variables of the environment.
    pub(super) fn provost_in(
        binary: &Path,
        data_dir: &Path,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let mut command = Command::new(binary);
        let ports = [
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ];
        command
            .arg("serve")
            .args(ports)
            .arg("--data-dir")
            .arg(data_dir);
        command
            .env("PROVOST_LOG_LEVEL", "error")
            .envs(variables.iter().copied());
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next().context("the server ended at once")??;
        let mut addresses = line.split("http://").skip(1).map(|rest| {
            let address = rest.split(' ').next().unwrap_or_default();
            address.parse().with_context(|| line.clone())
        });
        Ok(Self {
            child,
            address: addresses.next().with_context(|| line.clone())??,
            applications: addresses.next().transpose()?,
        })
    }

    /// Processor time so far, in seconds.
    pub(super) fn cpu_seconds(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the program, in brackets, may hold anything.
        let (_, rest) = stat.rsplit_once(')').context("stat")?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let ticks = |at: usize| -> Result<f64> {
            Ok(fields.get(at).context("stat is too short")?.parse()?)
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Resident memory in megabytes of 1,000,000 bytes.
    pub(super) fn resident_megabytes(&self) -> Result<f64> {
        self.megabytes("VmRSS:")
    }

    /// The most memory that was resident since [`Server::forget_peak`], in megabytes.
    pub(super) fn peak_megabytes(&self) -> Result<f64> {
        self.megabytes("VmHWM:")
    }

    /// Measures the peak from now on.
    pub(super) fn forget_peak(&self) -> Result<()> {
        let file = format!("/proc/{}/clear_refs", self.child.id());
        Ok(std::fs::write(file, "5")?)
    }

    fn megabytes(&self, field: &'static str) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kibibytes: f64 = line
            .and_then(|rest| rest.split_whitespace().next())
            .context(field)?
            .parse()?;
        Ok(kibibytes * 1_024.0 / 1_000_000.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
