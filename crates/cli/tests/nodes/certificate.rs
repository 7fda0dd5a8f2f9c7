//! The certificate of the balancers.

use std::path::{Path, PathBuf};

use anyhow::Result;
use provost_testkit::{find_program, run};

/// A certificate for 127.0.0.1 that only these tests believe.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// PEM.
    pub(crate) file: PathBuf,
    /// PEM.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Makes one in that directory; the key beside it, under the name that `HAProxy` looks for.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let made = Self {
            file: folder.join("edge.pem"),
            key: folder.join("edge.pem.key"),
        };
        let mut openssl = std::process::Command::new(find_program("openssl", "openssl")?);
        openssl
            .args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"])
            .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
            .args(["-subj", "/CN=127.0.0.1"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-out")
            .arg(&made.file)
            .arg("-keyout")
            .arg(&made.key);
        run(&mut openssl)?;
        Ok(made)
    }
}
