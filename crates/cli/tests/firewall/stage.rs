//! A real server in one namespace and clients in another, with a firewall between them.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::{
    netns::{Namespace, join},
    support::{Scratch, Server, provost},
};

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/firewall/client.py");

/// Addresses of clients: on the list, and beside it.
pub(crate) const LISTED: [&str; 2] = ["198.51.100.2", "2001:db8:1::2"];
pub(crate) const UNLISTED: [&str; 2] = ["198.51.100.130", "2001:db8:1::8000:2"];

/// The server's addresses, where clients of each family reach it.
const HOSTS: [&str; 2] = ["198.51.100.1", "[2001:db8:1::1]"];

/// Server, clients and a place for files.
pub(crate) struct Stage {
    running: Server,
    pub(crate) server: Namespace,
    pub(crate) world: Namespace,
    pub(crate) token: String,
    pub(crate) files: Scratch,
}

impl Stage {
    /// A server with the tenant `corp` that every address reaches so far.
    pub(crate) fn set() -> Result<Self> {
        let files = Scratch::new()?;
        let data = files.path().join("data");
        let mut create = provost(&data);
        create.args(["tenant", "create", "corp", "--json"]);
        let created: serde_json::Value = serde_json::from_str(&run(&mut create)?)?;
        let server = Namespace::new("server")?;
        let world = Namespace::new("world")?;
        join(
            (&server, &["198.51.100.1/24", "2001:db8:1::1/64"]),
            (
                &world,
                &[
                    "198.51.100.2/24",
                    "198.51.100.130/24",
                    "2001:db8:1::2/64",
                    "2001:db8:1::8000:2/64",
                ],
            ),
        )?;
        let mut serve = provost(&data);
        serve.args([
            "serve",
            "--scim-listen",
            "[::]:5501",
            "--app-listen",
            "[::]:8095",
        ]);
        serve.env("PROVOST_ALLOW_DIRECT_HTTP", "true");
        serve.env("PROVOST_LOG_LEVEL", "error");
        Ok(Self {
            running: Server::spawn(server.inside(&serve))?,
            server,
            world,
            token: created["token"].as_str().context("token")?.to_owned(),
            files,
        })
    }

    /// What an address gets from a path on a port: a status, or `refused`.
    pub(crate) fn reach(&self, from: &str, port: u16, path: &str) -> Result<String> {
        let host = HOSTS[usize::from(from.contains(':'))];
        let url = format!("http://{host}:{port}{path}");
        let said = self
            .world
            .run("python3", &[CLIENT, "once", from, &url, &self.token])?;
        Ok(said.trim().to_owned())
    }

    /// The same for every address; all must get the same.
    pub(crate) fn all_get(&self, from: &[&str], port: u16, expect: &str) -> Result<()> {
        let paths: &[_] = if port == 5501 {
            &["/health/live", "/scim/corp/v2/Users"]
        } else {
            &["/health/live"]
        };
        for address in from {
            for path in paths {
                let got = self.reach(address, port, path)?;
                ensure!(
                    got == expect,
                    "{address} to {port}{path}: {got}, not {expect}"
                );
            }
        }
        Ok(())
    }

    /// Traffic without end from the listed addresses, of both families.
    pub(crate) fn traffic(&self) -> Result<[Traffic; 2]> {
        let start = |host| Traffic::start(self, host);
        Ok([start(HOSTS[0])?, start(HOSTS[1])?])
    }

    /// Runs the command `firewall` with these arguments.
    pub(crate) fn firewall(&self, args: &[&str]) -> Result<String> {
        let mut command = provost(&self.files.path().join("data"));
        run(command.arg("firewall").args(args))
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.files.path().join(name).display().to_string()
    }

    /// The server's process is alive: nothing but the firewall has closed the port.
    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.running.child().try_wait()?.is_none())
    }
}

/// A client that goes on asking; killed when it is dropped.
pub(crate) struct Traffic {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Traffic {
    fn start(stage: &Stage, host: &str) -> Result<Self> {
        let mut command = Command::new("python3");
        let url = format!("http://{host}:5501/scim/corp/v2/Users");
        command
            .args([CLIENT, "traffic", &url, &stage.token])
            .args(LISTED);
        let mut inside = stage.world.inside(&command);
        let mut child = inside
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            stdin: child.stdin.take().context("stdin")?,
            stdout: BufReader::new(child.stdout.take().context("stdout")?),
            child,
        })
    }

    /// Waits until every connection has had another answer, asked for after this call.
    pub(crate) fn is_served(&mut self) -> Result<()> {
        self.stdin.write_all(b"\n")?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        ensure!(line.trim_end() == "served", "{line}");
        Ok(())
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end and gives its standard output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let done = command.output()?;
    let error = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{}: {error}", done.status);
    Ok(String::from_utf8(done.stdout)?)
}
