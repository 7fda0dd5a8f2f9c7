//! Packets through the generated firewalls: who is listed reaches the server, others do not, other
//! ports stay open, and updates under traffic drop nobody.

use anyhow::{Result, ensure};

use crate::stage::{LISTED, Stage, UNLISTED};

const UPDATES: usize = 100;

/// Lists in which the listed addresses stand in other networks each, among changing company.
const LISTS: [&str; 4] = [
    "198.51.100.0/25,2001:db8:1::/98",
    "198.51.100.0/26,203.0.113.0/24,2001:db8:1::/100,2001:db8:2::/48",
    "198.51.100.2,192.0.2.0/26,192.0.2.128/25,2001:db8:1::2,2001:db8:3::/48,2001:db8:5::/48",
    "198.51.100.0/30,198.51.100.4/30,203.0.113.128/25,2001:db8:1::/112",
];

/// How one firewall takes an output.
struct Target {
    format: &'static str,
    /// The file or directory that is written.
    output: &'static str,
    apply: fn(&Stage, output: &str) -> Result<String>,
    /// The arguments that ask for the difference to the last list.
    previous: fn(&Stage) -> Vec<String>,
}

const TARGETS: [Target; 2] = [
    Target {
        format: "nftables",
        output: "provost.nft",
        apply: |stage, output| {
            stage.server.run("nft", &["-c", "-f", output])?;
            stage.server.run("nft", &["-f", output])
        },
        previous: |stage| vec!["--previous".to_owned(), stage.file("last.txt")],
    },
    Target {
        format: "ipset-iptables",
        output: "iptables",
        apply: |stage, output| stage.server.run("sh", &[&format!("{output}/apply.sh")]),
        previous: |stage| vec!["--previous".to_owned(), stage.file("iptables")],
    },
];

impl Target {
    /// Writes a list, whole or as difference, puts it into force and keeps it for the next time.
    fn update(&self, stage: &Stage, list: &str, is_difference: bool) -> Result<()> {
        let output = stage.file(self.output);
        let mut args = vec![
            "--format",
            self.format,
            "--addresses",
            list,
            "--output",
            &output,
        ];
        let previous = (self.previous)(stage);
        if is_difference {
            args.extend(previous.iter().map(String::as_str));
            args.push("--allow-shrink");
        }
        stage.firewall(&args)?;
        (self.apply)(stage, &output)?;
        let kept = stage.file("last.txt");
        let keep = ["--format", "text", "--addresses", list, "--output", &kept];
        stage.firewall(&keep)?;
        Ok(())
    }
}

fn check(target: &Target) -> Result<()> {
    let mut stage = Stage::set()?;
    stage.all_get(&LISTED, 5501, "200")?;
    stage.all_get(&UNLISTED, 5501, "200")?;

    target.update(&stage, LISTS[0], false)?;
    stage.all_get(&LISTED, 5501, "200")?;
    stage.all_get(&UNLISTED, 5501, "refused")?;
    stage.all_get(&UNLISTED, 8095, "200")?;

    let mut traffic = stage.traffic()?;
    for number in 1..=UPDATES {
        target.update(&stage, LISTS[number % LISTS.len()], number % 2 == 0)?;
        for client in &mut traffic {
            client.is_served()?;
        }
    }
    stage.all_get(&UNLISTED, 5501, "refused")?;

    target.update(&stage, "203.0.113.0/24", false)?;
    stage.all_get(&LISTED, 5501, "refused")?;
    ensure!(
        traffic[0].is_served().is_err(),
        "who left the list keeps a connection"
    );
    target.update(&stage, "2001:db8:1::/98", true)?;
    stage.all_get(&LISTED[..1], 5501, "refused")?;
    stage.all_get(&LISTED[1..], 5501, "200")?;
    stage.all_get(&LISTED, 8095, "200")?;
    ensure!(stage.is_running()?, "the server has ended");
    Ok(())
}

#[test]
fn nftables_admits_whom_the_list_names_and_updates_drop_nobody() -> Result<()> {
    check(&TARGETS[0])
}

#[test]
fn ipset_and_iptables_admit_whom_the_list_names_and_updates_drop_nobody() -> Result<()> {
    check(&TARGETS[1])
}
