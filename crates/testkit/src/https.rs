//! An HTTPS server that answers with what a test has laid out, certificates of its own authority
//! included. `openssl s_server` serves whole responses from files, one connection after another.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    folder::Folder,
    patience::until,
    process::{Process, Signal},
    program::{find, run},
};

/// The server, ended when it is dropped.
#[derive(Debug)]
pub struct Https {
    folder: Folder,
    port: String,
    _process: Process,
}

impl Https {
    /// Issues the certificates and starts the server on a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        let openssl = find("openssl", "openssl")?;
        let folder = Folder::new()?;
        issue(&openssl, folder.path())?;
        let pages = folder.path().join("pages");
        fs::create_dir(&pages)?;
        let told = folder.path().join("told");
        let mut command = Command::new(openssl);
        command
            .args(["s_server", "-accept", "127.0.0.1:0", "-HTTP"])
            .args(["-cert", "../leaf.pem", "-key", "../leaf.key"])
            .current_dir(pages)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&told)?)
            .stderr(Stdio::null());
        let process = Process::spawn(&mut command, Signal::Kill, Some(folder.path()))?;
        let port = until("openssl s_server", Duration::from_secs(30), || {
            let told = fs::read_to_string(&told)?;
            let line = told.lines().find_map(|line| line.strip_prefix("ACCEPT "));
            Ok(line.and_then(|address| Some(address.rsplit_once(':')?.1.to_owned())))
        })?;
        Ok(Self {
            folder,
            port,
            _process: process,
        })
    }

    /// The authority that issued its certificate.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Where a page is.
    pub fn url(&self, page: &str) -> String {
        format!("https://127.0.0.1:{}/{page}", self.port)
    }

    /// Lays out a page: 200 with this body.
    pub fn put(&self, page: &str, body: &str) -> Result<()> {
        let length = format!("Content-Length: {}", body.len());
        self.put_raw(page, "200 OK", &[&length], body.as_bytes())
    }

    /// Lays out a page that leads elsewhere.
    pub fn put_redirect(&self, page: &str, location: &str) -> Result<()> {
        let location = format!("Location: {location}");
        self.put_raw(page, "302 Found", &["Content-Length: 0", &location], b"")
    }

    /// Lays out an answer, byte by byte.
    pub fn put_raw(&self, page: &str, status: &str, headers: &[&str], body: &[u8]) -> Result<()> {
        let mut answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
        for header in headers {
            answer.push_str(header);
            answer.push_str("\r\n");
        }
        let mut bytes = (answer + "\r\n").into_bytes();
        bytes.extend_from_slice(body);
        let pages = self.folder.path().join("pages");
        // In one step: the server may be reading the old one.
        let beside = self.folder.path().join("next");
        fs::write(&beside, bytes)?;
        fs::rename(beside, pages.join(page)).context("laying out a page")
    }
}

fn issue(openssl: &Path, folder: &Path) -> Result<()> {
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new(openssl);
        run(command.args(arguments).current_dir(folder))
    };
    let key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ];
    fs::write(folder.join("leaf.ext"), "subjectAltName=IP:127.0.0.1\n")?;
    let authority = [
        "-subj",
        "/CN=Authority",
        "-days",
        "2",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
    ];
    openssl(&[&["req", "-x509"][..], &key, &authority].concat())?;
    let leaf = [
        "-subj",
        "/CN=Ranges",
        "-keyout",
        "leaf.key",
        "-out",
        "leaf.csr",
    ];
    openssl(&[&["req", "-new"][..], &key, &leaf].concat())?;
    let signed = [
        "x509", "-req", "-in", "leaf.csr", "-days", "2", "-CA", "ca.pem",
    ];
    let by = [
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "leaf.ext",
        "-out",
        "leaf.pem",
    ];
    openssl(&[&signed[..], &by].concat())?;
    Ok(())
}
