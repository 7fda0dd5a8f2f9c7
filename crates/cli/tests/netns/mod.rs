//! Network namespaces: machines of their own inside the machine that runs the test, joined by
//! cables. Firewalls and gateways run there and touch nothing outside.
//!
//! ```text
//! let server = Namespace::new("server")?;
//! let world = Namespace::new("world")?;
//! join(
//!     (&server, &["198.51.100.1/24", "2001:db8:1::1/64"]),
//!     (&world, &["198.51.100.2/24", "198.51.100.130/24", "2001:db8:1::2/64"]),
//! )?;
//! server.run("nft", &["-f", "rules.nft"])?;
//! let server = Server::spawn(server.inside(&provost(data_dir)))?;
//! ```
//!
//! A namespace has a loopback interface that is up, and no other until [`join`]. Addresses are
//! usable at once. Dropping a namespace takes its cables and its name away; end the processes
//! inside first, by their id: [`Namespace::inside`] gives a command whose child *is* the program,
//! so that killing the child kills the program.
//!
//! Needs root and the package `iproute2`.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, ensure};

/// One namespace; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Namespace(String);

impl Namespace {
    /// A new one. `label` tells its name from others in error messages; letters only.
    pub(crate) fn new(label: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("provost-{}-{number}-{label}", std::process::id());
        ip(&["netns", "add", &name])
            .context("network namespaces need root; run the tests as root")?;
        let made = Self(name);
        ip(&["-n", &made.0, "link", "set", "lo", "up"])?;
        Ok(made)
    }

    /// The same command with its arguments and variables, inside. The child is the program itself.
    pub(crate) fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", &self.0]);
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside.stdin(Stdio::null());
        inside
    }

    /// Runs a program inside to its end and gives its standard output.
    ///
    /// # Errors
    /// What it wrote to standard error, if it fails or is not there.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let mut command = Command::new(program);
        command.args(args);
        output(&mut self.inside(&command))
            .with_context(|| format!("{program} {} in {}", args.join(" "), self.0))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // A drop has nobody to tell; a name that stays is seen in `ip netns list`.
        let _ = ip(&["netns", "del", &self.0]);
    }
}

/// Lays a cable between two namespaces and gives both ends their addresses, as `address/length`.
pub(crate) fn join(one: (&Namespace, &[&str]), other: (&Namespace, &[&str])) -> Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let cable = format!("cable{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let ((near, _), (far, _)) = (one, other);
    ip(&[
        "-n", &near.0, "link", "add", "name", &cable, "type", "veth", "peer", "name", &cable,
        "netns", &far.0,
    ])?;
    for (end, addresses) in [one, other] {
        for address in addresses {
            // Without the wait for duplicate addresses, of which there are none on this cable.
            let nodad: &[_] = if address.contains(':') {
                &["nodad"]
            } else {
                &[]
            };
            let add = ["-n", &end.0, "address", "add", address, "dev", &cable];
            ip(&[&add, nodad].concat())?;
        }
        ip(&["-n", &end.0, "link", "set", &cable, "up"])?;
    }
    Ok(())
}

fn ip(args: &[&str]) -> Result<String> {
    output(Command::new("ip").args(args)).with_context(|| format!("ip {}", args.join(" ")))
}

fn output(command: &mut Command) -> Result<String> {
    let done = command
        .output()
        .context("`ip` is not installed; install the package iproute2")?;
    let error = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{}: {error}", done.status);
    Ok(String::from_utf8(done.stdout)?)
}
