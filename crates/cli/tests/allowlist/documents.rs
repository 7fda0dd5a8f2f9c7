//! Documents from files and from a server: what is shown, what is in force afterwards.

use anyhow::Result;
use provost_testkit::Https;
use serde_json::json;

use crate::stage::Stage;

/// In the shape of Azure's.
fn azure(edition: u32, prefixes: &[&str]) -> String {
    let tag = |name: &str, prefixes: &[&str]| {
        json!({"name": name, "id": name, "properties": {
        "changeNumber": 1, "region": "", "regionId": 0, "platform": "Azure",
        "systemService": "AzureAD", "addressPrefixes": prefixes, "networkFeatures": null}})
    };
    json!({"changeNumber": edition, "cloud": "Public", "values": [
        tag("AzureActiveDirectory", prefixes),
        tag("AzureActiveDirectory.ServiceEndpoint", &["13.87.32.28/32"]),
    ]})
    .to_string()
}

const TAG: [&str; 4] = ["--feed", "azure", "--part", "AzureActiveDirectory"];

#[test]
fn a_difference_is_shown_before_it_takes_effect() -> Result<()> {
    let stage = Stage::new()?;
    let file = stage.file(
        "a.json",
        &azure(363, &["4.149.98.192/27", "2603:1006:2000::/48"]),
    )?;
    let import = ["allowlist", "import", "entra", &file];
    let dry = stage.json(&[&import[..], &TAG, &["--dry-run"]].concat())?;
    assert_eq!(
        dry["added"],
        json!(["4.149.98.192/27", "2603:1006:2000::/48"])
    );
    assert_eq!((&dry["new"], &dry["dry_run"]), (&json!(true), &json!(true)));
    assert_eq!(stage.json(&["allowlist", "list"])?, json!([]));
    let said = stage.text(&[&import[..], &TAG].concat())?;
    for part in [
        "Edition   363",
        "+ 4.149.98.192/27",
        "Networks added: 2, removed: 0.",
        "set:entra",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // What was said once need not be said again.
    let file = stage.file(
        "b.json",
        &azure(364, &["4.149.98.192/27", "4.149.105.224/27"]),
    )?;
    let said = stage.text(&["allowlist", "diff", "entra", &file])?;
    for part in [
        "+ 4.149.105.224/27",
        "- 2603:1006:2000::/48",
        "Networks added: 1, removed: 1.",
        "Nothing was changed.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(
        said,
        stage.text(&["allowlist", "diff", "entra", &file])?,
        "the same bytes"
    );
    let json = stage.json(&["allowlist", "import", "entra", &file])?;
    assert_eq!(
        (&json["edition"], &json["edition_before"]),
        (&json!("364"), &json!("363"))
    );
    let shown = stage.json(&["allowlist", "show", "entra"])?;
    assert_eq!(
        shown["networks"],
        json!(["4.149.98.192/27", "4.149.105.224/27"])
    );
    assert_eq!(shown["parts"], json!(["AzureActiveDirectory"]));
    assert_eq!(shown["refresh"], json!(false));
    assert_eq!(shown["sha256"], json["sha256"]);
    let networks = stage.text(&["allowlist", "show", "entra", "--networks"])?;
    assert_eq!(networks, "4.149.98.192/27\n4.149.105.224/27\n");
    let said = stage.text(&["allowlist", "import", "entra", &file])?;
    assert!(said.contains("The same addresses as before."), "{said}");
    Ok(())
}

#[test]
fn documents_are_fetched_from_a_mirror() -> Result<()> {
    let (stage, server) = (Stage::new()?, Https::start()?);
    let name = "ServiceTags_Public_20250714.json";
    server.put(name, &azure(363, &["4.149.98.192/27"]))?;
    server.put(
        "details.aspx",
        &format!("<html><a href=\"{}\">Download</a></html>", server.url(name)),
    )?;
    server.put_redirect("moved", "/details.aspx")?;
    server.put_redirect("moved-twice", &server.url("moved"))?;
    let (url, ca) = (
        server.url("moved-twice"),
        server.ca_file().display().to_string(),
    );
    let mirror = ["--ca-file", &ca, "--allow-private"];
    let fetch = ["allowlist", "fetch", "entra", "--url", &url];
    let fetched = stage.json(&[&fetch[..], &TAG, &mirror].concat())?;
    assert_eq!(
        (&fetched["edition"], &fetched["refresh"]),
        (&json!("363"), &json!(true))
    );
    assert_eq!(fetched["url"], json!(url));
    // The next edition, from the same URL.
    server.put(name, &azure(364, &["4.149.98.192/27", "4.150.253.96/28"]))?;
    let difference = stage.json(&[&["allowlist", "diff", "entra"][..], &mirror].concat())?;
    assert_eq!(difference["added"], json!(["4.150.253.96/28"]));
    let again = ["allowlist", "fetch", "entra", "--no-refresh"];
    assert_eq!(
        stage.json(&[&again[..], &mirror].concat())?["edition"],
        json!("364")
    );
    assert_eq!(
        stage.json(&["allowlist", "show", "entra"])?["refresh"],
        json!(false)
    );
    stage.text(&["allowlist", "refresh", "entra", "on"])?;
    assert_eq!(
        stage.json(&["allowlist", "show", "entra"])?["refresh"],
        json!(true)
    );
    Ok(())
}

#[test]
fn every_format_is_listed_with_its_publisher() -> Result<()> {
    let stage = Stage::new()?;
    let feeds = stage.json(&["allowlist", "feeds"])?;
    let names: Vec<_> = feeds
        .as_array()
        .into_iter()
        .flatten()
        .map(|feed| &feed["feed"])
        .collect();
    assert_eq!(names.len(), provost_allowlist::feed::FEEDS.len());
    assert!(
        stage
            .text(&["allowlist", "feeds"])?
            .contains("AzureActiveDirectory")
    );
    Ok(())
}
