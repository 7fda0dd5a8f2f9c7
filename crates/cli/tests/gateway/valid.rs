//! Every program takes the configuration that is made for it.

use std::fmt::Write;

use anyhow::Result;

use crate::{
    programs::PROGRAMS,
    stage::{certificate, run},
    support::{Scratch, provost},
};

/// Flags that make different configurations; each must be valid.
const SHAPES: &[&[&str]] = &[
    &[],
    &["--tenant", "okta-prod"],
    &["--admit", "203.0.113.0/24", "--admit", "2001:db8:1::/48"],
    &["--app-listen", "127.0.0.1:18095"],
    &["--app-listen", "127.0.0.1:18095", "--app-http"],
    &[
        "--listen",
        "127.0.0.1:18443",
        "--listen",
        "[::1]:18443",
        "--node",
        "[::1]:5501",
    ],
    &[
        "--node",
        "localhost:5501",
        "--node",
        "127.0.0.1:5502",
        "--node",
        "127.0.0.1:5503",
    ],
    &["--client-address", "forwarded"],
    &["--client-address", "proxy-v1"],
    &["--client-address", "proxy-v2"],
];

#[test]
fn every_program_takes_its_configuration() -> Result<()> {
    for program in PROGRAMS {
        let scratch = Scratch::new()?;
        let tls = certificate(scratch.path(), program.one_file)?;
        for shape in SHAPES {
            let file = scratch.path().join("gateway.conf");
            let mut command = provost(scratch.path());
            command.args(["gateway", "--format", program.format, "--offline"]);
            command.args(["--tenant", "entra", "--server-name", "scim.example.com"]);
            command
                .arg("--certificate")
                .arg(&tls)
                .arg("--output")
                .arg(&file)
                .args(*shape);
            match run(&mut command) {
                Ok(_) => program.check(&file, scratch.path())?,
                Err(refused) => {
                    assert!(refused.to_string().contains("cannot hand"), "{refused}");
                }
            }
        }
    }
    Ok(())
}

/// As many networks as the largest list of an identity provider, and many more than a line holds.
#[test]
fn long_allowlists_are_taken() -> Result<()> {
    let mut networks = String::new();
    for number in 0..3_000 {
        write!(networks, "203.{}.{}.0/25,", number / 256, number % 256)?;
    }
    for program in PROGRAMS {
        let scratch = Scratch::new()?;
        let tls = certificate(scratch.path(), program.one_file)?;
        run(provost(scratch.path()).args(["tenant", "create", "entra"]))?;
        let setting = format!("allowed_addresses={}", networks.trim_end_matches(','));
        run(provost(scratch.path()).args(["tenant", "set", "entra", &setting]))?;
        let file = scratch.path().join("gateway.conf");
        let mut command = provost(scratch.path());
        command.args(["gateway", "--format", program.format]);
        command.args(["--server-name", "scim.example.com"]);
        run(command
            .arg("--certificate")
            .arg(&tls)
            .arg("--output")
            .arg(&file))?;
        let text = std::fs::read_to_string(&file)?;
        assert_eq!(text.matches("/25").count(), 3_000, "{program:?}");
        program.check(&file, scratch.path())?;
    }
    Ok(())
}
