//! Nodes with a gateway in front, and a client that sends exactly what it is told.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    programs::{Program, Running},
    support::{Scratch, Server, provost},
};

/// Nodes and the gateway in front of them.
#[derive(Debug)]
pub(crate) struct Stage {
    gateway: Running,
    pub(crate) nodes: Vec<Server>,
    pub(crate) data: PathBuf,
    /// The token of the tenant `acme`.
    pub(crate) token: String,
    /// Name and password of the application.
    pub(crate) application: String,
    /// `https://…` of the route of the identity providers.
    pub(crate) scim: String,
    /// `https://…` of the route of the applications.
    pub(crate) crowd: String,
    pub(crate) certificate: PathBuf,
    scratch: Scratch,
}

/// What is to be built.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// How many nodes; each has a copy of the same directory.
    pub(crate) nodes: usize,
    /// Settings of the nodes beside those that the gateway needs.
    pub(crate) settings: &'a [(&'a str, &'a str)],
    /// Settings of the tenant.
    pub(crate) tenant: &'a [&'a str],
    /// Flags of `provost gateway`.
    pub(crate) flags: &'a [&'a str],
    /// `client_address`; x-forwarded-for if it is empty.
    pub(crate) client_address: &'a str,
}

impl Stage {
    /// Builds it.
    pub(crate) fn new(program: &Program, plan: &Plan<'_>) -> Result<Self> {
        let scratch = Scratch::new()?;
        let data = scratch.path().join("node1");
        let created = json(&data, &["tenant", "create", "acme"])?;
        let token = text(&created, "token")?;
        if !plan.tenant.is_empty() {
            let args = [&["tenant", "set", "acme"][..], plan.tenant].concat();
            json(&data, &args)?;
        }
        let created = json(
            &data,
            &["application", "create", "jira", "--tenant", "acme"],
        )?;
        let application = format!("jira:{}", text(&created, "password")?);
        let address = match plan.client_address {
            "" => "x-forwarded-for",
            other => other,
        };
        let mut settings = vec![
            ("PROVOST_TRUSTED_PROXIES", "127.0.0.1"),
            ("PROVOST_CLIENT_ADDRESS", address),
        ];
        settings.extend_from_slice(plan.settings);
        let mut nodes = Vec::new();
        for number in 1..=plan.nodes.max(1) {
            let own = scratch.path().join(format!("node{number}"));
            if number > 1 {
                copy(&data, &own)?;
            }
            nodes.push(own);
        }
        let nodes: Result<Vec<_>> = nodes
            .iter()
            .map(|own| Server::start_in(own, &[], &settings))
            .collect();
        let certificate = certificate(scratch.path(), program.one_file)?;
        let mut stage = Self {
            gateway: Running::None,
            nodes: nodes?,
            data,
            token,
            application,
            scim: String::new(),
            crowd: String::new(),
            certificate,
            scratch,
        };
        stage.open(program, plan, address)?;
        Ok(stage)
    }

    /// Makes the configuration with the command and starts the program with it.
    fn open(&mut self, program: &Program, plan: &Plan<'_>, address: &str) -> Result<()> {
        let folder = self.scratch.path();
        let file = folder.join("gateway.conf");
        let [scim, crowd] = free_ports()?;
        let mut command = provost(&self.data);
        command.args(["gateway", "--format", program.format]);
        command.args(["--server-name", "localhost", "--client-address", address]);
        command.args(["--listen", &scim, "--app-listen", &crowd]);
        command.arg("--certificate").arg(&self.certificate);
        command.arg("--output").arg(&file).args(plan.flags);
        for node in &self.nodes {
            command.args(["--node", host_of(&node.scim)?]);
            command.args(["--app-node", host_of(&node.app)?]);
        }
        run(&mut command)?;
        program.check(&file, folder)?;
        self.gateway = program.start(&file, folder, |command| command)?;
        self.scim = format!("https://{scim}");
        self.crowd = format!("https://{crowd}");
        Ok(())
    }

    /// Sends a request on the route of the identity providers, with the token.
    pub(crate) fn scim(&self, path: &str, more: &[&str]) -> Result<Answer> {
        let bearer = format!("Authorization: Bearer {}", self.token);
        self.send(&self.scim, path, &[&["-H", &bearer], more].concat())
    }

    /// Sends a request on the route of the applications, with the password.
    pub(crate) fn crowd(&self, path: &str, more: &[&str]) -> Result<Answer> {
        let all = [&["-u", self.application.as_str()], more].concat();
        self.send(&self.crowd, path, &all)
    }

    fn send(&self, base: &str, path: &str, args: &[&str]) -> Result<Answer> {
        let mut command = Command::new("curl");
        command.arg("--cacert").arg(&self.certificate);
        command.args(args).arg(format!("{base}{path}"));
        curl(&mut command)
    }
}

/// What `provost` prints as JSON.
pub(crate) fn json(data: &Path, args: &[&str]) -> Result<serde_json::Value> {
    let done = run(provost(data).arg("--json").args(args))?;
    Ok(serde_json::from_str(&done)?)
}

fn text(value: &serde_json::Value, key: &str) -> Result<String> {
    let text = value[key].as_str().with_context(|| format!("no {key}"))?;
    Ok(text.to_owned())
}

/// Runs a command and gives what it prints.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let done = command.output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "{command:?}: {said}");
    Ok(String::from_utf8(done.stdout)?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    run(Command::new("cp").arg("-r").arg(from).arg(to)).map(drop)
}

/// Host and port of a URL.
pub(crate) fn host_of(url: &str) -> Result<&str> {
    url.strip_prefix("http://").context("a URL")
}

fn free_ports() -> Result<[String; 2]> {
    let held = [
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    ];
    let [one, other] = &held;
    Ok([
        one.local_addr()?.to_string(),
        other.local_addr()?.to_string(),
    ])
}

/// A certificate that signs itself, with its key where the program looks for it.
pub(crate) fn certificate(folder: &Path, one_file: bool) -> Result<PathBuf> {
    let (pem, key) = (folder.join("tls.pem"), folder.join("tls.key"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]);
    openssl.args([
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-subj",
        "/CN=localhost",
    ]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    openssl.args([
        "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:198.51.100.1,IP:2001:db8:1::1",
    ]);
    run(openssl.arg("-keyout").arg(&key).arg("-out").arg(&pem))
        .context("install the package openssl")?;
    if one_file {
        let both = [std::fs::read(&pem)?, std::fs::read(&key)?].concat();
        std::fs::write(&pem, both)?;
    }
    Ok(pem)
}

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; several lines are joined by commas.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines = self.headers.lines().filter_map(|line| line.split_once(':'));
        let values = lines.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let values: Vec<_> = values.map(|(_, value)| value.trim()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }
}

/// Sends a request with curl, which changes nothing of the path and waits for no permission.
pub(crate) fn curl(command: &mut Command) -> Result<Answer> {
    command.args(["-sS", "-i", "--path-as-is", "--max-time", "50"]);
    command.args(["--noproxy", "*", "-g", "-H", "Expect:"]);
    let said = run(command).context("the request got no answer; is the package curl installed?")?;
    let (headers, body) = said
        .split_once("\r\n\r\n")
        .context("an answer with a head")?;
    let status = headers.split(' ').nth(1).context("a status")?.parse()?;
    Ok(Answer {
        status,
        headers: headers.to_owned(),
        body: body.to_owned(),
    })
}
