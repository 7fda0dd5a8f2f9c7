//! What every format writes, byte by byte: the files in `golden` are outputs for the lists in
//! `lists`. The tools read them in the tests beside this one.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::{
    stage::run,
    support::{Scratch, provost},
};

pub(crate) const NOW: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/firewall/lists/now.json");
pub(crate) const BEFORE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/firewall/lists/before.txt"
);

/// Every format, as `--list --json` tells, with whether it writes differences.
fn formats(data: &Path) -> Result<Vec<(String, bool)>> {
    let listed = run(provost(data).args(["firewall", "--list", "--json"]))?;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed)?;
    let row = |row: &serde_json::Value| {
        let name = row["format"].as_str().context("format")?.to_owned();
        Ok((name, row["difference"] == true))
    };
    listed.iter().map(row).collect()
}

/// The files of an output, by name; a single one has the empty name.
fn files(output: &Path) -> Result<BTreeMap<String, String>> {
    if output.is_file() {
        return Ok([(String::new(), fs::read_to_string(output)?)].into());
    }
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry?.path();
        let name = path
            .file_name()
            .context("name")?
            .to_string_lossy()
            .into_owned();
        Ok((name, fs::read_to_string(&path)?))
    };
    fs::read_dir(output)
        .with_context(|| output.display().to_string())?
        .map(read)
        .collect()
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/firewall/golden")
        .join(name)
}

#[test]
fn every_format_writes_what_it_always_wrote() -> Result<()> {
    let dir = Scratch::new()?;
    let mut wrong = Vec::new();
    for (format, has_difference) in formats(dir.path())? {
        for is_difference in [false, true] {
            if is_difference && !has_difference {
                continue;
            }
            let name = format!("{format}{}", if is_difference { "-difference" } else { "" });
            let output = dir.path().join(&name);
            let mut command = provost(dir.path());
            command.args([
                "firewall", "--format", &format, "--from", NOW, "--feed", "json",
            ]);
            command.arg("--output").arg(&output);
            if is_difference {
                command.args(["--previous", BEFORE]);
            }
            run(&mut command)?;
            if files(&output)? != files(&golden(&name)).unwrap_or_default() {
                wrong.push(format!(
                    "{name}: compare {} with the golden file",
                    output.display()
                ));
            }
        }
    }
    if !wrong.is_empty() {
        // What was written stays, to be compared.
        std::mem::forget(dir);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Runs the command and gives the sentence with which it fails.
fn sentence(dir: &Path, args: &[&str]) -> Result<String> {
    let done = provost(dir).arg("firewall").args(args).output()?;
    ensure!(!done.status.success(), "{args:?} was not refused");
    Ok(String::from_utf8(done.stderr)?)
}

#[test]
fn what_is_doubtful_is_refused_and_nothing_is_written() -> Result<()> {
    let dir = Scratch::new()?;
    let put = |name: &str, text: &str| -> Result<String> {
        let path = dir.path().join(name);
        fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let output = put("output", "as it was")?;
    let cut = put("cut.json", r#"{"version":1,"prefixes":["198.51.100.0/25""#)?;
    let hostile = put("hostile.json", r#"["198.51.100.0/25; reboot"]"#)?;
    let line = put("line.txt", "198.51.100.0/25\nflush ruleset\n")?;
    let open = put("open.json", r#"["0.0.0.0/0"]"#)?;
    let nobody = put("nobody.json", "[]")?;
    let long = put("long.txt", &"198.51.100.1\n198.51.100.3\n".repeat(2))?;
    let old = put(
        "old.txt",
        "# Source json: x; edition 400\n198.51.100.0/25\n203.0.113.7\n2001:db8:1::/48\n",
    )?;
    let half = put(
        "half.txt",
        "192.0.2.1\n192.0.2.3\n192.0.2.5\n198.51.100.0/25\n",
    )?;
    let from = |file, feed| vec!["--from", file, "--feed", feed];
    let now = |flag, file| vec!["--from", NOW, "--feed", "json", flag, file];
    let missing = dir.path().join("missing").display().to_string();
    let cases = [
        (from(&cut, "json"), "not what json publishes"),
        (from(&hostile, "json"), "characters that no network has"),
        (from(&line, "text"), "characters that no network has"),
        (from(&open, "json"), "0.0.0.0/0 is everybody"),
        (from(&nobody, "json"), "nobody would be admitted"),
        (from(NOW, "azure"), "not what azure publishes"),
        (from(&missing, "json"), "name a file, or -"),
        (
            now("--previous", &old),
            "edition 363, and edition 400 is in force",
        ),
        (now("--previous", &half), "networks would go at once"),
        (
            now("--previous", &missing),
            "leave --previous out the first time",
        ),
        (now("--previous", &hostile), "the last list cannot be used"),
        (now("--label", "x;reboot"), "is no label"),
        (now("--port", "0"), "invalid value"),
        (
            vec!["--addresses", "198.51.100.1/25"],
            "bits beyond its length",
        ),
        (
            vec!["--addresses", "$(reboot)"],
            "characters that no network has",
        ),
        (vec!["--addresses", "4.0.0.0/7"], "--allow-wide"),
        (
            vec!["--set", "nobody"],
            "there is no set of addresses `nobody`",
        ),
        (vec!["--tenant", "nobody"], "there is no tenant `nobody`"),
        (vec![], "say who is let in"),
    ];
    for (mut args, expect) in cases {
        args.extend(["--format", "text", "--output", &output]);
        let said = sentence(dir.path(), &args)?;
        ensure!(said.contains(expect), "{args:?}: {said}");
        ensure!(fs::read_to_string(&output)? == "as it was", "{args:?}");
    }
    let unknown = sentence(dir.path(), &["--format", "ipchains"])?;
    ensure!(unknown.contains("nftables, ipset-iptables"), "{unknown}");
    let several = ["--format", "ufw", "--from", &long, "--feed", "text"];
    let said = sentence(dir.path(), &several)?;
    ensure!(said.contains("name a directory"), "{said}");
    Ok(())
}

#[test]
fn a_named_set_brings_its_networks_as_they_are_now() -> Result<()> {
    let dir = Scratch::new()?;
    let list = dir.path().join("list.txt");
    let written = |networks: &str| {
        fs::write(&list, networks)?;
        let import = ["allowlist", "import", "branch", "--feed", "text"];
        run(provost(dir.path()).args(import).arg(&list))?;
        let args = ["firewall", "--format", "text", "--set", "branch"];
        let written = run(provost(dir.path()).args(args))?;
        let lines = written.lines().filter(|line| !line.starts_with('#'));
        Ok::<_, anyhow::Error>(lines.map(str::to_owned).collect::<Vec<_>>())
    };
    let first = written("198.51.100.0/25\n203.0.113.7\n2001:db8:1::/48\n")?;
    ensure!(
        first == ["198.51.100.0/25", "203.0.113.7/32", "2001:db8:1::/48"],
        "{first:?}"
    );
    let second = written("198.51.100.0/25\n2001:db8:1::/48\n")?;
    ensure!(
        second == ["198.51.100.0/25", "2001:db8:1::/48"],
        "{second:?}"
    );
    Ok(())
}

#[test]
fn a_tenant_brings_its_networks_and_the_same_input_the_same_bytes() -> Result<()> {
    let dir = Scratch::new()?;
    run(provost(dir.path()).args(["tenant", "create", "corp"]))?;
    let open = sentence(dir.path(), &["--format", "text", "--tenant", "corp"])?;
    ensure!(open.contains("admits every address"), "{open}");
    let allowed = "allowed_addresses=198.51.100.0/25,2001:db8:1::/48";
    run(provost(dir.path()).args(["tenant", "set", "corp", allowed]))?;
    let args = [
        "firewall", "--format", "nftables", "--tenant", "corp", "--remark", "a\nb",
    ];
    let written = run(provost(dir.path()).args(args))?;
    for part in [
        "# Source tenant corp: ",
        "198.51.100.0/25,",
        "2001:db8:1::/48,",
        "# a_b\n",
    ] {
        ensure!(written.contains(part), "{part} in {written}");
    }
    ensure!(
        written == run(provost(dir.path()).args(args))?,
        "other bytes"
    );
    Ok(())
}
