//! The command itself: where its values come from, and what it refuses.

use anyhow::Result;

use crate::{
    stage::{json, run},
    support::{Scratch, provost},
};

/// What the command prints, or what it says when it refuses.
fn gateway(scratch: &Scratch, settings: &[(&str, &str)], args: &[&str]) -> Result<(i32, String)> {
    let mut command = provost(&scratch.path().join("data"));
    command.envs(settings.iter().copied());
    let done = command.arg("gateway").args(args).output()?;
    let said = if done.status.success() {
        done.stdout
    } else {
        done.stderr
    };
    Ok((done.status.code().unwrap_or(-1), String::from_utf8(said)?))
}

#[test]
fn tenants_and_allowlists_come_from_the_directory_and_the_rest_from_the_configuration() -> Result<()>
{
    let scratch = Scratch::new()?;
    let data = scratch.path().join("data");
    json(&data, &["tenant", "create", "entra"])?;
    json(
        &data,
        &["tenant", "set", "entra", "allowed_addresses=203.0.113.0/24"],
    )?;
    json(&data, &["tenant", "create", "okta"])?;
    let settings = [
        ("PROVOST_PUBLIC_URL", "https://scim.example.com"),
        ("PROVOST_SCIM_LISTEN", "127.0.0.1:5999"),
        ("PROVOST_MAX_BODY_BYTES", "2000000"),
        ("PROVOST_CLIENT_ADDRESS", "forwarded"),
        ("PROVOST_TRUSTED_PROXIES", "10.0.0.5"),
    ];
    let (code, text) = gateway(&scratch, &settings, &["--format", "haproxy"])?;
    assert_eq!(code, 0, "{text}");
    for words in [
        "client_address = \"forwarded\"",
        "trusted_proxies = [\"10.0.0.5/32\"]",
        "# Tenant entra: from 1 network.",
        "# Tenant okta: from everywhere.",
        "127.0.0.1:5999",
        "req.body_size gt 2000000",
        "203.0.113.0/24",
    ] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    let list = scratch.path().join("list.txt");
    std::fs::write(&list, "198.51.100.0/25\n")?;
    let mut import = provost(&data);
    import.args(["allowlist", "import", "branch", "--feed", "text"]);
    run(import.arg(&list))?;
    let set = ["--format", "nginx", "--set", "branch"];
    let (_, text) = gateway(&scratch, &settings, &set)?;
    assert!(
        text.contains("198.51.100.0/25") && !text.contains("203.0.113"),
        "{text}"
    );
    let (code, text) = gateway(&scratch, &settings, &["--format", "nginx", "--set", "none"])?;
    assert!(code == 1 && text.contains("none"), "{text}");
    let one = ["--format", "haproxy", "--tenant", "okta"];
    let (_, text) = gateway(&scratch, &settings, &one)?;
    assert!(!text.contains("entra"), "{text}");
    Ok(())
}

#[test]
fn without_the_directory_the_tenants_are_named() -> Result<()> {
    let scratch = Scratch::new()?;
    let args = [
        "--format",
        "nginx",
        "--offline",
        "--tenant",
        "entra",
        "--admit",
        "198.51.100.0/25",
        "--server-name",
        "scim.example.com",
        "--node",
        "node1.example.com:5501",
    ];
    let (code, text) = gateway(&scratch, &[], &args)?;
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("198.51.100.0/25") && text.contains("node1.example.com:5501"),
        "{text}"
    );
    assert!(!scratch.path().join("data").exists(), "nothing was opened");
    Ok(())
}

#[test]
fn what_could_change_a_configuration_is_refused() -> Result<()> {
    let scratch = Scratch::new()?;
    let good = [
        "--format",
        "nginx",
        "--offline",
        "--tenant",
        "entra",
        "--server-name",
        "scim.example.com",
    ];
    for (flag, value) in [
        ("--server-name", "a; } server { listen 81"),
        ("--server-name", "a\nb"),
        ("--node", "127.0.0.1:5501; deny all"),
        ("--node", "127.0.0.1"),
        ("--app-node", "$host:1"),
        ("--certificate", "relative.pem"),
        ("--certificate", "/etc/ssl/a.pem;\nuser root"),
        ("--key", "/etc/ssl/`id`.key"),
        ("--listen", "443 ssl"),
        ("--tenant", "../admin"),
        ("--tenant", "a|.*"),
        ("--admit", "203.0.113.0/24;"),
        ("--admit", "203.0.113.9/24"),
        ("--client-address", "x-real-ip"),
        ("--format", "iis"),
    ] {
        let args = [&good[..], &["--app-listen", "127.0.0.1:1", flag, value]].concat();
        let (code, text) = gateway(&scratch, &[], &args)?;
        assert_eq!(code, 2, "{flag} {value:?}: {text}");
    }
    Ok(())
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() -> Result<()> {
    let scratch = Scratch::new()?;
    let file = scratch.path().join("gateway.cfg");
    std::fs::write(&file, "old")?;
    let make = |format: &str, name: &str| {
        let mut command = provost(scratch.path());
        command.args([
            "gateway",
            "--format",
            format,
            "--offline",
            "--tenant",
            "entra",
        ]);
        command.args(["--server-name", name, "--output"]).arg(&file);
        run(&mut command)
    };
    assert!(make("haproxy", "not a name").is_err());
    assert_eq!(std::fs::read_to_string(&file)?, "old");
    let said = make("haproxy", "scim.example.com")?;
    assert!(
        said.contains("client_address") && said.contains("haproxy -c"),
        "{said}"
    );
    assert!(std::fs::read_to_string(&file)?.contains("frontend"));
    let left: Vec<_> = std::fs::read_dir(scratch.path())?.collect();
    assert_eq!(left.len(), 1, "{left:?}");
    Ok(())
}
