//! The real programs: how each checks a configuration, starts with it and ends.

use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

/// A program that a package of the distribution brings.
pub(crate) struct Program {
    /// What `--format` calls it.
    pub(crate) format: &'static str,
    package: &'static str,
    /// Whether a request that had reached a node goes to another one when the node dies.
    pub(crate) repeats: bool,
    /// Whether the key stands in the file of the certificate.
    pub(crate) one_file: bool,
    check: fn(&Path, &Path) -> Result<Command>,
    start: fn(&Path, &Path) -> Result<Command>,
    /// The line that the program writes when it listens; without one its command ends then, and
    /// the program stays.
    ready: Option<&'static str>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.format)
    }
}

pub(crate) static PROGRAMS: &[Program] = &[
    Program {
        format: "nginx",
        package: "nginx-light",
        repeats: true,
        one_file: false,
        check: |file, folder| Ok(nginx(file, folder, &["-t", "-q"])),
        start: |file, folder| Ok(nginx(file, folder, &[])),
        ready: None,
    },
    Program {
        format: "haproxy",
        package: "haproxy",
        repeats: true,
        one_file: true,
        check: |file, _| Ok(command("haproxy", &["-c", "-q", "-f"], file)),
        start: |file, folder| {
            let mut command = command("haproxy", &["-D", "-f"], file);
            command.arg("-p").arg(folder.join("pid"));
            Ok(command)
        },
        ready: None,
    },
    Program {
        format: "caddy-2.6",
        package: "caddy",
        repeats: false,
        one_file: false,
        check: |file, folder| Ok(caddy(file, folder, "validate")),
        start: |file, folder| {
            let mut command = caddy(file, folder, "start");
            command.arg("--pidfile").arg(folder.join("pid"));
            Ok(command)
        },
        ready: None,
    },
    Program {
        format: "apache",
        package: "apache2",
        repeats: false,
        one_file: false,
        check: |file, folder| apache(file, folder, "-t"),
        start: |file, folder| apache(file, folder, "-DFOREGROUND"),
        ready: Some("resuming normal operations"),
    },
];

fn command(name: &str, args: &[&str], file: &Path) -> Command {
    let mut command = Command::new(name);
    command.args(args).arg(file);
    command
}

fn nginx(file: &Path, folder: &Path, args: &[&str]) -> Command {
    let folder = folder.display();
    let own = format!("pid {folder}/pid; error_log {folder}/error.log;");
    let mut command = Command::new("nginx");
    command.args(args).args(["-g", &own, "-c"]).arg(file);
    command
}

fn caddy(file: &Path, folder: &Path, verb: &str) -> Command {
    let mut command = Command::new("caddy");
    command
        .arg(verb)
        .args(["--adapter", "caddyfile", "--config"])
        .arg(file);
    command.env("HOME", folder);
    command
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder);
    command
}

/// The modules that the file names, as the distribution would load them.
const MODULES: &[&str] = &[
    "mpm_event",
    "authz_core",
    "authz_host",
    "ssl",
    "socache_shmcb",
    "slotmem_shm",
    "headers",
    "rewrite",
    "proxy",
    "proxy_http",
    "proxy_balancer",
    "proxy_hcheck",
    "lbmethod_byrequests",
    "lbmethod_bybusyness",
    "reqtimeout",
];

/// Around the file stands what the distribution has in its own.
fn apache(file: &Path, folder: &Path, verb: &str) -> Result<Command> {
    let main = folder.join("apache.conf");
    let shown = folder.display();
    let mut text = format!(
        "ServerRoot {shown}\nServerName localhost\nPidFile {shown}/pid\nErrorLog /dev/stderr\n\
         User www-data\nGroup www-data\nDefaultRuntimeDir {shown}\n"
    );
    for module in MODULES {
        let path = format!("/usr/lib/apache2/modules/mod_{module}.so");
        writeln!(text, "LoadModule {module}_module {path}")?;
    }
    writeln!(text, "Include {}", file.display())?;
    fs::write(&main, text)?;
    let mut command = Command::new("apache2");
    command
        .env("APACHE_LOG_DIR", folder)
        .arg(verb)
        .arg("-f")
        .arg(&main);
    Ok(command)
}

impl Program {
    /// Asks the program whether it would take the file.
    pub(crate) fn check(&self, file: &Path, folder: &Path) -> Result<()> {
        let done = (self.check)(file, folder)?.output();
        let done = done.with_context(|| format!("install the package {}", self.package))?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{}: {said}", self.format);
        Ok(())
    }

    /// Starts it and comes back when it listens.
    pub(crate) fn start(
        &self,
        file: &Path,
        folder: &Path,
        inside: impl FnOnce(Command) -> Command,
    ) -> Result<Running> {
        let mut command = inside((self.start)(file, folder)?);
        let absent = || format!("install the package {}", self.package);
        if let Some(line) = self.ready {
            let mut child = command
                .stderr(Stdio::piped())
                .spawn()
                .with_context(absent)?;
            let lines = BufReader::new(child.stderr.take().context("standard error")?);
            let mut running = Running::Child(child, lines);
            running.await_line(line)?;
            return Ok(running);
        }
        // To a file, because the program that stays would hold a pipe open.
        let log = folder.join("start.log");
        let file = fs::File::create(&log)?;
        let status = command.stdout(file.try_clone()?).stderr(file).status();
        let said = || fs::read_to_string(&log).unwrap_or_default();
        ensure!(
            status.with_context(absent)?.success(),
            "{}: {}",
            self.format,
            said()
        );
        Ok(Running::Stays(folder.join("pid")))
    }
}

/// A gateway that runs; ended by its id when it is dropped.
#[derive(Debug)]
pub(crate) enum Running {
    None,
    /// In the background, with its id in a file.
    Stays(PathBuf),
    /// As a child that writes to a pipe.
    Child(Child, BufReader<ChildStderr>),
}

impl Running {
    fn await_line(&mut self, line: &str) -> Result<()> {
        let Self::Child(_, lines) = self else {
            return Ok(());
        };
        let mut said = String::new();
        while !said.contains(line) {
            ensure!(lines.read_line(&mut said)? > 0, "it ended: {said}");
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let pid = match self {
            Self::None => return,
            Self::Stays(file) => fs::read_to_string(file).unwrap_or_default(),
            Self::Child(child, _) => child.id().to_string(),
        };
        // A drop has nobody to tell.
        let _ = Command::new("kill").arg(pid.trim()).status();
        if let Self::Child(child, _) = self {
            let _ = child.wait();
        }
    }
}
