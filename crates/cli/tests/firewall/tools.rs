//! Every output is what its tool takes: the real programs read it, in namespaces and private
//! folders.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{
    formats::{BEFORE, NOW},
    netns::Namespace,
    stage::run,
    support::{Scratch, provost},
};

const SHIMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/firewall/shims");

/// A namespace and a folder in which outputs are tried.
struct Bench {
    inside: Namespace,
    dir: Scratch,
}

impl Bench {
    fn new() -> Result<Self> {
        let dir = Scratch::new()?;
        let line = |number: u32| format!("1.{}.{}.0/25\n", number / 256, number % 256);
        let many: String = (0..3_000).map(line).collect();
        fs::write(dir.path().join("many.txt"), many)?;
        for (name, list) in [
            ("v4.txt", "198.51.100.0/25\n"),
            ("v6.txt", "2001:db8:1::/48\n"),
        ] {
            fs::write(dir.path().join(name), list)?;
        }
        let inside = Namespace::new("bench")?;
        Ok(Self { inside, dir })
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// Writes a list in a format, whole or as difference to the last one, and gives its place.
    fn write(&self, format: &str, list: &str, previous: Option<&str>) -> Result<String> {
        let feed = if Path::new(list)
            .extension()
            .is_some_and(|ending| ending == "json")
        {
            "json"
        } else {
            "text"
        };
        let output = self.path(format);
        let mut command = provost(&self.dir.path().join("data"));
        command.args([
            "firewall", "--format", format, "--from", list, "--feed", feed,
        ]);
        command.args(["--output", &output, "--remark", "'; $(reboot) --> \"`\n"]);
        if let Some(previous) = previous {
            command.args(["--previous", previous, "--allow-shrink"]);
        }
        run(&mut command)?;
        Ok(output)
    }

    /// Runs a script of an output with the stand-ins first in the path.
    fn script(&self, path: &str, variables: &[(&str, &str)]) -> Result<String> {
        let mut command = Command::new("sh");
        let search = std::env::var("PATH").context("PATH")?;
        command.arg(path).env("PATH", format!("{SHIMS}:{search}"));
        command.envs(variables.iter().copied());
        run(&mut self.inside.inside(&command))
    }

    /// One family, the other, both, many.
    fn lists(&self) -> [String; 4] {
        [
            self.path("v4.txt"),
            self.path("v6.txt"),
            self.path("many.txt"),
            NOW.to_owned(),
        ]
    }
}

#[test]
fn nft_takes_lists_and_differences() -> Result<()> {
    let bench = Bench::new()?;
    for list in bench.lists() {
        let output = bench.write("nftables", &list, None)?;
        bench.inside.run("nft", &["-c", "-f", &output])?;
        bench.inside.run("nft", &["-f", &output])?;
    }
    let held = bench.inside.run("nft", &["list", "ruleset"])?;
    ensure!(
        held.contains("203.0.113.7") && !held.contains("1.0.0.0"),
        "{held}"
    );
    let unapplied = bench.write("nftables", NOW, Some(BEFORE))?;
    let refused = bench.inside.run("nft", &["-c", "-f", &unapplied]);
    ensure!(refused.is_err(), "a difference to another list");
    let output = bench.write("nftables", BEFORE, Some(NOW))?;
    bench.inside.run("nft", &["-c", "-f", &output])?;
    bench.inside.run("nft", &["-f", &output])?;
    let held = bench.inside.run("nft", &["list", "ruleset"])?;
    ensure!(
        held.contains("192.0.2.128/25") && !held.contains("203.0.113.7"),
        "{held}"
    );
    Ok(())
}

#[test]
fn ipset_and_iptables_take_lists_and_differences_twice() -> Result<()> {
    let bench = Bench::new()?;
    for list in bench.lists() {
        let output = bench.write("ipset-iptables", &list, None)?;
        for _ in 0..2 {
            bench.script(&format!("{output}/apply.sh"), &[])?;
        }
        for tool in ["iptables", "ip6tables"] {
            let check = format!("{tool}-restore --test --noflush < {output}/provost.{tool}");
            bench.inside.run("sh", &["-c", &check])?;
            let rules = bench.inside.run(tool, &["-S", "INPUT"])?;
            let jumps = rules.matches("-j provost").count();
            ensure!(jumps == 1, "{tool}: {rules}");
        }
    }
    let output = bench.path("ipset-iptables");
    bench.write("ipset-iptables", BEFORE, Some(&output))?;
    bench.script(&format!("{output}/apply.sh"), &[])?;
    let held = bench.inside.run("ipset", &["save"])?;
    ensure!(held.contains("add provost4 192.0.2.128/25"), "{held}");
    ensure!(
        !held.contains("203.0.113.7") && !held.contains("-new"),
        "{held}"
    );
    Ok(())
}

#[test]
fn firewalld_reads_every_entry() -> Result<()> {
    let bench = Bench::new()?;
    let config = bench.path("firewalld.d");
    fs::create_dir(&config)?;
    for (list, v4, v6) in [("many.txt", 3_000, 0), ("v6.txt", 0, 1), (NOW, 2, 1)] {
        let output = bench.write("firewalld", &bench.path(list), None)?;
        bench.script(
            &format!("{output}/apply.sh"),
            &[("FIREWALLD_CONFIG", &config)],
        )?;
        let system = format!("--system-config={config}");
        for (set, expect) in [("provost4", v4), ("provost6", v6)] {
            let ipset = format!("--ipset={set}");
            let held = bench
                .inside
                .run("firewall-offline-cmd", &[&system, &ipset, "--get-entries"])?;
            let count = held.lines().filter(|line| !line.is_empty()).count();
            ensure!(count == expect, "{set}: {count}");
        }
        let rules = ["--policy=provost", "--list-rich-rules"];
        let rules = bench
            .inside
            .run("firewall-offline-cmd", &[&system, rules[0], rules[1]])?;
        ensure!(rules.lines().count() == 4, "{rules}");
    }
    let output = bench.path("firewalld");
    let file = format!("{output}/provost4.xml");
    let broken = fs::read_to_string(&file)?.replace("203.0.113.7/32", "203.0.113.7/33");
    fs::write(&file, broken)?;
    let refused = bench.script(
        &format!("{output}/apply.sh"),
        &[("FIREWALLD_CONFIG", &config)],
    );
    ensure!(
        format!("{refused:?}").contains("does not read provost4 whole"),
        "{refused:?}"
    );
    let kept = fs::read_to_string(format!("{config}/ipsets/provost4.xml"))?;
    ensure!(kept.contains("203.0.113.7/32"), "the old file is gone");
    Ok(())
}

#[test]
fn ufw_takes_every_rule() -> Result<()> {
    let bench = Bench::new()?;
    for previous in [None, Some(BEFORE)] {
        let output = bench.write("ufw", NOW, previous)?;
        let script = format!("{output}/apply.sh");
        let trial = bench.script(&script, &[("UFW", "ufw --dry-run")])?;
        ensure!(trial.contains("203.0.113.7"), "{trial}");
        ensure!(
            !Path::new(&format!("{output}/applied.txt")).exists(),
            "a trial applies nothing"
        );
        let broken = fs::read_to_string(&script)?.replace("203.0.113.7/32", "203.0.113.7/33");
        fs::write(&script, broken)?;
        let refused = bench.script(&script, &[("UFW", "ufw --dry-run")]);
        ensure!(refused.is_err(), "ufw took a prefix that is none");
    }
    Ok(())
}

/// What the stand-in for AWS holds after a list and after the difference to another.
fn aws(format: &str, variables: &[(&str, &str)]) -> Result<Vec<String>> {
    let bench = Bench::new()?;
    let state = bench.path("state");
    let variables = [&[("AWS_STATE", state.as_str())], variables].concat();
    let mut held = Vec::new();
    let output = bench.path(format);
    for list in [BEFORE, NOW] {
        let is_folder = Path::new(&output).is_dir();
        bench.write(format, list, is_folder.then_some(output.as_str()))?;
        let script = if Path::new(&output).is_dir() {
            format!("{output}/apply.sh")
        } else {
            output.clone()
        };
        bench.script(&script, &variables)?;
        let told: serde_json::Value = serde_json::from_str(&fs::read_to_string(&state)?)?;
        let mut all: Vec<String> = told
            .as_object()
            .context("state")?
            .values()
            .filter_map(serde_json::Value::as_array)
            .flatten()
            .filter_map(|cidr| cidr.as_str().map(str::to_owned))
            .collect();
        all.sort();
        held.push(all.join(" "));
    }
    Ok(held)
}

#[test]
fn aws_scripts_tell_the_service_what_the_list_says() -> Result<()> {
    let lists = [
        "192.0.2.128/25 198.51.100.0/25 2001:db8:1::/48",
        "198.51.100.0/25 2001:db8:1::/48 203.0.113.7/32",
    ];
    let ids = [("PREFIX_LIST_V4", "pl-IPv4"), ("PREFIX_LIST_V6", "pl-IPv6")];
    for (format, variables) in [
        ("aws-security-group", &[("GROUP_ID", "sg-1")][..]),
        ("aws-prefix-list", &ids),
        ("aws-waf-ip-set", &[]),
    ] {
        let held = aws(format, variables).with_context(|| format.to_owned())?;
        ensure!(held == lists, "{format}: {held:?}");
    }
    Ok(())
}
