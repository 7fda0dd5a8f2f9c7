//! Every identity provider is at home here, and the command says what it wants.

use anyhow::{Context, Result};
use serde_json::json;

use crate::{
    stage::{Backstage, Stage, Tenant, simulate},
    support::{Scratch, provost},
};

const SIZE: &[&str] = &[
    "--users", "12", "--groups", "5", "--days", "6", "--seed", "11",
];

/// Every identity provider, with the version it speaks and what its tenant needs.
const IDPS: &[(&str, &str, &[&str])] = &[
    ("entra", "v2", &[]),
    ("entra-scim-flag", "v2", &[]),
    ("okta", "v2", &[]),
    ("okta-catalogue", "v2", &[]),
    ("okta-1.1", "v1", &[]),
    ("okta-opp", "v1", &[]),
    ("onelogin", "v2", &[]),
    ("authentik", "v2", &[]),
    ("rauthy", "v2", &[]),
    ("keycloak", "v2", &["put_without_members=clear"]),
    ("keycloak-patch", "v2", &[]),
    ("jumpcloud", "v2", &[]),
];

/// Plays it; the verdict must be green without a single finding, and nothing may be left.
fn is_at_home(stage: &Stage, idp: &str, tenant: &Tenant) -> Result<()> {
    let size = [SIZE, &["--cleanup"]].concat();
    let played = simulate(stage.data_dir(), idp, stage.url(), tenant, &size)?;
    assert_eq!(played.verdict["findings"], json!([]), "{idp}");
    assert_eq!(played.code, 0, "{idp}: {}", played.verdict);
    assert_eq!(played.verdict["green"], json!(true), "{idp}");
    assert_eq!(played.verdict["skipped_steps"], json!(0), "{idp}");
    assert_eq!(played.verdict["left_behind"], json!(0), "{idp}");
    Ok(())
}

#[test]
fn every_identity_provider_is_at_home() -> Result<()> {
    let backstage = Backstage::new()?;
    let mut tenants = Vec::new();
    for (idp, version, settings) in IDPS {
        let slug = idp.replace('.', "-");
        tenants.push((*idp, backstage.tenant(&slug, version)?));
        for setting in *settings {
            backstage.command(&["tenant", "set", &slug, setting])?;
        }
    }
    let stage = backstage.open()?;
    for (idp, tenant) in &tenants {
        is_at_home(&stage, idp, tenant)?;
    }
    Ok(())
}

#[test]
fn the_agent_signs_in_with_basic_and_with_a_header() -> Result<()> {
    let backstage = Backstage::new()?;
    let mut tenant = backstage.tenant("agent", "v1")?;
    let basic = backstage.command(&["token", "create", "agent", "--basic"])?;
    let header = ["token", "create", "agent", "--header", "X-Provost-Key"];
    let header = backstage.command(&header)?;
    let stage = backstage.open()?;
    let text = |key: &str| {
        basic[key]
            .as_str()
            .map(str::to_owned)
            .context(key.to_owned())
    };
    tenant.proof = vec![
        "--basic".to_owned(),
        format!("{}:{}", text("username")?, text("password")?),
    ];
    is_at_home(&stage, "okta-opp", &tenant)?;
    let token = header["token"].as_str().context("token")?;
    tenant.proof = vec!["--header".to_owned(), format!("X-Provost-Key: {token}")];
    is_at_home(&stage, "okta-opp", &tenant)
}

#[test]
fn the_list_of_identity_providers_is_whole() -> Result<()> {
    let scratch = Scratch::new()?;
    let args = ["simulate", "nobody", "--url", "http://127.0.0.1:1/"];
    let output = provost(scratch.path()).args(args).output()?;
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, listed) = stderr.split_once("possible values: ").context("no list")?;
    let (listed, _) = listed.split_once(']').context("no end")?;
    let listed: Vec<_> = listed.split(',').map(str::trim).collect();
    let known: Vec<_> = IDPS.iter().map(|(idp, ..)| *idp).collect();
    assert_eq!(listed, known);
    Ok(())
}

#[test]
fn a_seed_is_not_played_on_top_of_itself() -> Result<()> {
    let backstage = Backstage::new()?;
    let tenant = backstage.tenant("twice", "v2")?;
    let stage = backstage.open()?;
    let first = simulate(stage.data_dir(), "okta", stage.url(), &tenant, SIZE)?;
    assert_eq!(first.code, 0, "{}", first.verdict);
    assert_ne!(first.verdict["left_behind"], json!(0));
    let second = simulate(stage.data_dir(), "okta", stage.url(), &tenant, SIZE)?;
    assert_eq!(second.code, 1);
    let sentence = second.verdict["verdict"].as_str().unwrap_or_default();
    assert!(sentence.contains("another seed"), "{sentence}");
    Ok(())
}

#[test]
fn wrong_usage_says_what_is_wanted() -> Result<()> {
    let scratch = Scratch::new()?;
    for (args, words) in [
        (
            &["--url", "ftp://example.com"][..],
            "base URL of a SCIM server",
        ),
        (
            &["--url", "http://a", "--pace", "slow"],
            "requests per second",
        ),
        (&["--url", "http://a", "--users", "0"], "1.."),
        (&["--url", "http://a", "--basic", "nobody"], "colon"),
        (
            &["--url", "http://a", "--token", "t", "--basic", "a:b"],
            "cannot be used with",
        ),
    ] {
        let output = provost(scratch.path())
            .args(["simulate", "okta"])
            .args(args)
            .output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
    }
    Ok(())
}

#[test]
fn people_read_a_table_and_one_sentence() -> Result<()> {
    let backstage = Backstage::new()?;
    let tenant = backstage.tenant("people", "v2")?;
    let stage = backstage.open()?;
    let url = format!("{}{}", stage.url(), tenant.path);
    let mut command = provost(stage.data_dir());
    command.args(["simulate", "entra", "--url", &url, "--cleanup"]);
    let output = command.args(&tenant.proof).args(SIZE).output()?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(output.status.code(), Some(0), "{text}");
    for words in [
        "connection test …",
        "day 6 …",
        "REQUEST",
        "create user",
        "change members",
        "Nothing is left behind.",
        "✓ Microsoft Entra ID can live with every answer",
    ] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
    Ok(())
}
