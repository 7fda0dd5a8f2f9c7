//! Packets through the generated gateways, from a network of their own: listed addresses reach
//! Provost, others do not, in both families of addresses.

use std::process::Command;

use anyhow::Result;

use crate::{
    netns::{Namespace, join},
    programs::PROGRAMS,
    stage::{certificate, curl, host_of, json, run},
    support::{Scratch, Server, provost},
};

const LISTED: &str = "198.51.100.0/25,2001:db8:1:1::/64";

#[test]
fn listed_addresses_get_through_and_others_do_not() -> Result<()> {
    for program in PROGRAMS {
        let scratch = Scratch::new()?;
        let data = scratch.path().join("node");
        let created = json(&data, &["tenant", "create", "acme"])?;
        let token = created["token"].as_str().unwrap_or_default();
        let allow = format!("allowed_addresses={LISTED}");
        json(&data, &["tenant", "set", "acme", &allow])?;
        let tls = certificate(scratch.path(), program.one_file)?;
        let server = Namespace::new("server")?;
        let world = Namespace::new("world")?;
        join(
            (&server, &["198.51.100.1/24", "2001:db8:1::1/32"]),
            (
                &world,
                &[
                    "198.51.100.2/24",
                    "198.51.100.130/24",
                    "2001:db8:1:1::2/32",
                    "2001:db8:2::2/32",
                ],
            ),
        )?;
        let mut serve = provost(&data);
        serve.args([
            "serve",
            "--scim-listen",
            "127.0.0.1:0",
            "--app-listen",
            "127.0.0.1:0",
        ]);
        serve.env("PROVOST_LOG_LEVEL", "error");
        serve.env("PROVOST_TRUSTED_PROXIES", "127.0.0.1");
        serve.env("PROVOST_CLIENT_ADDRESS", "x-forwarded-for");
        let node = Server::spawn(server.inside(&serve))?;
        let file = scratch.path().join("gateway.conf");
        let mut make = provost(&data);
        make.args([
            "gateway",
            "--format",
            program.format,
            "--server-name",
            "scim.example.com",
        ]);
        make.args(["--listen", "0.0.0.0:443", "--listen", "[::]:443"]);
        make.args(["--node", host_of(&node.scim)?, "--certificate"])
            .arg(&tls);
        run(make.arg("--output").arg(&file))?;
        let _gateway = program.start(&file, scratch.path(), |command| server.inside(&command))?;
        let bearer = format!("Authorization: Bearer {token}");
        for (from, to, expect) in [
            ("198.51.100.2", "198.51.100.1", 200),
            ("198.51.100.130", "198.51.100.1", 403),
            ("2001:db8:1:1::2", "[2001:db8:1::1]", 200),
            ("2001:db8:2::2", "[2001:db8:1::1]", 403),
        ] {
            let mut command = Command::new("curl");
            command
                .args(["--interface", from, "-H", &bearer, "--cacert"])
                .arg(&tls);
            command.arg(format!("https://{to}/scim/acme/v2/Users"));
            let mut inside = world.inside(&command);
            let answer = curl(&mut inside)?;
            assert_eq!(answer.status, expect, "{program:?} {from}");
        }
    }
    Ok(())
}
