//! What `explain` says, and who may name a set.

use anyhow::Result;
use serde_json::json;

use crate::stage::Stage;

fn installation() -> Result<Stage> {
    let stage = Stage::new()?;
    stage.text(&["tenant", "create", "entra"])?;
    stage.text(&["application", "create", "jira", "--tenant", "entra"])?;
    let text = r#"{"version": 363, "prefixes": ["198.51.100.0/24", "2001:db8::/32"]}"#;
    let file = stage.file("a.json", text)?;
    stage.text(&["allowlist", "import", "idp", &file, "--feed", "json"])?;
    stage.import("office", "203.0.113.0/24\n")?;
    Ok(stage)
}

#[test]
fn an_address_passes_or_not_for_a_reason() -> Result<()> {
    let stage = installation()?;
    let tenant = ["--tenant", "entra"];
    let application = ["--application", "jira"];
    let open = stage.text(&[&["allowlist", "explain", "192.0.2.1"][..], &tenant].concat())?;
    assert!(open.contains("every address passes"), "{open}");
    let used = stage.text(&[&["allowlist", "use", "idp"][..], &tenant].concat())?;
    assert!(
        used.contains("Until now every address could call"),
        "{used}"
    );
    let again = stage.json(&[&["allowlist", "use", "idp"][..], &tenant].concat())?;
    assert_eq!(again["allowed_addresses"], json!("set:idp"));
    stage.text(&[
        "tenant",
        "set",
        "entra",
        "allowed_addresses=set:idp,10.0.0.0/8",
    ])?;
    stage.text(&[&["allowlist", "use", "office"][..], &application].concat())?;
    for (address, target, sentences) in [
        (
            "198.51.100.7",
            &tenant,
            &[
                "198.51.100.7 passes for the tenant entra.",
                "198.51.100.0/24 is in the set idp, 2 networks of json, edition 363",
                "client_address is none",
            ][..],
        ),
        ("::ffff:198.51.100.7", &tenant, &["198.51.100.7 passes"]),
        ("2001:db8::1", &tenant, &["2001:db8::/32 is in the set idp"]),
        (
            "10.1.2.3",
            &tenant,
            &["10.0.0.0/8 stands in allowed_addresses."],
        ),
        (
            "203.0.113.9",
            &tenant,
            &[
                "203.0.113.9 does not pass for the tenant entra.",
                "set:idp,10.0.0.0/8",
                "The set office has it and is not used here",
                "provost allowlist use office --tenant entra",
            ],
        ),
        (
            "203.0.113.9",
            &application,
            &["passes for the application jira", "in the set office"],
        ),
        (
            "198.51.100.7",
            &application,
            &[
                "does not pass for the application jira",
                "use idp --application jira",
            ],
        ),
    ] {
        let said = stage.text(&[&["allowlist", "explain", address][..], target].concat())?;
        for sentence in sentences {
            assert!(said.contains(sentence), "{address}: {said}");
        }
    }
    let json = stage.json(&[&["allowlist", "explain", "198.51.100.7"][..], &tenant].concat())?;
    let expect = json!({"admitted": true, "reason": "set", "set": "idp", "network": "198.51.100.0/24", "edition": "363"});
    for (key, value) in expect.as_object().into_iter().flatten() {
        assert_eq!(&json[key], value, "{key}");
    }
    Ok(())
}

#[test]
fn gateways_decide_whose_address_counts() -> Result<()> {
    let stage = installation()?;
    for (settings, address, expect) in [
        (
            "trusted_proxies = [\"10.0.0.0/8\"]\nclient_address = \"x-forwarded-for\"\n",
            "192.0.2.1",
            "what 10.0.0.0/8 (trusted_proxies) say in X-Forwarded-For (client_address)",
        ),
        (
            "trusted_proxies = [\"10.0.0.0/8\"]\nclient_address = \"proxy-v2\"\n",
            "10.0.0.5",
            "requests through it count for the client that it names",
        ),
        (
            "trusted_proxies = [\"10.0.0.0/8\"]\n",
            "10.0.0.5",
            "decides about everybody behind it",
        ),
        (
            "trusted_proxies = [\"10.0.0.0/8\"]\n",
            "192.0.2.1",
            "set client_address to tell them apart",
        ),
    ] {
        let file = stage.file("provost.toml", settings)?;
        let explain = [
            "allowlist",
            "explain",
            address,
            "--tenant",
            "entra",
            "--config",
            &file,
        ];
        let said = stage.text(&explain)?;
        assert!(said.contains(expect), "{said}");
    }
    Ok(())
}

#[test]
fn a_set_in_use_stays_and_unknown_ones_are_refused() -> Result<()> {
    let stage = installation()?;
    stage.text(&["allowlist", "use", "idp", "--application", "jira"])?;
    let refused = stage.refused(&["allowlist", "remove", "idp"])?;
    assert!(
        refused.sentence.contains("the application jira"),
        "{}",
        refused.sentence
    );
    let shown = stage.json(&["allowlist", "show", "idp"])?;
    assert_eq!(shown["used_by"], json!([{"application": "jira"}]));
    for arguments in [
        ["tenant", "set", "entra", "allowed_addresses=set:ipd"],
        [
            "application",
            "set",
            "jira",
            "allowed_addresses=10.0.0.0/8,set:ipd",
        ],
    ] {
        let refused = stage.refused(&arguments)?;
        assert!(
            refused.sentence.contains("there are idp, office"),
            "{}",
            refused.sentence
        );
    }
    let shown = stage.json(&["application", "show", "jira"])?;
    assert_eq!(shown["allowed_addresses"], json!(["set:idp"]));
    stage.text(&["application", "set", "jira", "allowed_addresses="])?;
    stage.text(&["allowlist", "remove", "idp"])?;
    let missing = stage.refused(&["allowlist", "use", "idp", "--tenant", "entra"])?;
    assert!(
        missing.sentence.contains("provost allowlist list"),
        "{}",
        missing.sentence
    );
    Ok(())
}
