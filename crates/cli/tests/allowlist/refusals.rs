//! Every document that is refused, with the reason: the old set is untouched and nothing is written
//! (H13, I12 and I13 of the abuse list).

use anyhow::Result;
use provost_allowlist::feed::MAX_BYTES;
use provost_testkit::Https;
use serde_json::Value;

use crate::stage::Stage;

/// The set before any of them: edition 7 with four networks.
fn present(stage: &Stage) -> Result<Value> {
    let text = r#"{"version": 7, "prefixes": ["198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/25", "2001:db8::/32"]}"#;
    let file = stage.file("present.json", text)?;
    stage.text(&["allowlist", "import", "idp", &file, "--feed", "json"])?;
    stage.json(&["allowlist", "show", "idp"])
}

/// A document, the flags it comes with, and what is said.
const DOCUMENTS: &[(&str, &[&str], &str)] = &[
    ("", &[], "is not what json publishes"),
    (
        r#"{"version": 8, "prefixes": ["198.51.100.0/24""#,
        &[],
        "is not what json publishes",
    ),
    ("<html>sign in</html>", &[], "is not what json publishes"),
    (r#"{"version": 8, "prefixes": []}"#, &[], "lists no network"),
    (
        r#"{"version": 8, "version": 9, "prefixes": ["198.51.100.0/24"]}"#,
        &[],
        "twice",
    ),
    (
        r#"{"version": 8, "prefixes": ["198.51.100.0/24", "$(reboot)"]}"#,
        &[],
        "has characters that no network has",
    ),
    (
        r#"{"version": 8, "prefixes": ["198.51.100.0/24\n203.0.113.0/24"]}"#,
        &[],
        "has characters that no network has",
    ),
    (
        r#"{"version": 8, "prefixes": ["198.51.100.1/24"]}"#,
        &[],
        "the network is 198.51.100.0/24",
    ),
    (
        r#"{"version": 8, "prefixes": ["0.0.0.0/0", "198.51.100.0/24"]}"#,
        &["--allow-wide"],
        "is everybody",
    ),
    (
        r#"{"version": 8, "prefixes": ["198.0.0.0/7", "203.0.113.0/24"]}"#,
        &[],
        "--allow-wide",
    ),
    (
        r#"{"version": 6, "prefixes": ["198.51.100.0/24", "203.0.113.0/24"]}"#,
        &[],
        "--allow-older",
    ),
    (
        r#"{"version": 8, "prefixes": ["198.51.100.0/24"]}"#,
        &[],
        "--allow-shrink",
    ),
    (
        r#"{"us_cell_1": {"ip_ranges": ["4.0.0.0/24"]}}"#,
        &["--feed", "okta", "--part", "emea_cell_2"],
        "us_cell_1",
    ),
    (
        r#"{"us_cell_1": {"ip_ranges": ["10.0.0.0/24"]}}"#,
        &["--feed", "okta", "--part", "us_cell_1"],
        "private",
    ),
    (r#"["198.51.100.0/24"]"#, &["--part", "x"], "has no parts"),
];

#[test]
fn a_doubtful_file_changes_nothing() -> Result<()> {
    let stage = Stage::new()?;
    let before = present(&stage)?;
    for (text, flags, expect) in DOCUMENTS {
        let file = stage.file("next", text)?;
        let arguments = [&["allowlist", "import", "idp", &file][..], flags].concat();
        let refused = stage.refused(&arguments)?;
        assert_eq!(refused.code, 1, "{text}: {}", refused.sentence);
        assert!(
            refused.sentence.contains(expect),
            "{text}: {}",
            refused.sentence
        );
        assert_eq!(stage.json(&["allowlist", "show", "idp"])?, before, "{text}");
    }
    let huge = stage.file("huge", &" ".repeat(MAX_BYTES + 1))?;
    let refused = stage.refused(&["allowlist", "import", "idp", &huge])?;
    assert!(refused.sentence.contains("64 MiB"), "{}", refused.sentence);
    let gone = stage.refused(&["allowlist", "import", "idp", "/no/such/file"])?;
    assert!(
        gone.sentence.contains("cannot be read"),
        "{}",
        gone.sentence
    );
    assert_eq!(stage.json(&["allowlist", "show", "idp"])?, before);
    Ok(())
}

#[test]
fn each_doubt_has_its_own_flag() -> Result<()> {
    for (text, flag) in [
        (
            r#"{"version": 8, "prefixes": ["198.0.0.0/7", "203.0.113.0/24", "192.0.2.0/24"]}"#,
            "--allow-wide",
        ),
        (
            r#"{"version": 6, "prefixes": ["198.51.100.0/24", "203.0.113.0/24"]}"#,
            "--allow-older",
        ),
        (
            r#"{"version": 8, "prefixes": ["198.51.100.0/24"]}"#,
            "--allow-shrink",
        ),
    ] {
        let stage = Stage::new()?;
        present(&stage)?;
        let file = stage.file("next", text)?;
        stage.text(&["allowlist", "import", "idp", &file, flag])?;
    }
    Ok(())
}

#[test]
fn a_doubtful_server_changes_nothing() -> Result<()> {
    let (stage, server) = (Stage::new()?, Https::start()?);
    let before = present(&stage)?;
    lay_out(&server)?;
    let ca = server.ca_file().display().to_string();
    let mirror: &[&str] = &["--ca-file", &ca, "--allow-private"];
    let strangers: &[&str] = &["--allow-private"];
    let outside: &[&str] = &["--ca-file", &ca];
    let of = |page: &str| server.url(page);
    for (url, flags, expect) in [
        (
            of("good").replace("https:", "http:"),
            mirror,
            "begins with https://",
        ),
        (
            "file:///etc/passwd".to_owned(),
            mirror,
            "begins with https://",
        ),
        (
            of("good").replace("https://", "https://user:x@"),
            mirror,
            "without user and password",
        ),
        (of("good"), strangers, "cannot be fetched"),
        (of("good"), outside, "loopback"),
        (
            of("good").replace("127.0.0.1", "localhost"),
            outside,
            "loopback",
        ),
        (of("absent"), mirror, "answers 404"),
        (of("empty"), mirror, "is not what json publishes"),
        (of("cut"), mirror, "cannot be fetched"),
        (of("half"), mirror, "is not what json publishes"),
        (of("huge"), mirror, "64 MiB"),
        (of("endless"), mirror, "64 MiB"),
        (of("round"), mirror, "leads on and on"),
        (of("to-http"), mirror, "not https://"),
        (of("to-file"), mirror, "not https://"),
        (of("to-metadata"), mirror, "link-local"),
        (of("to-user"), mirror, "not https://"),
        (of("to-nowhere"), mirror, "not https://"),
        (of("shrunk"), mirror, "--allow-shrink"),
        (of("old"), mirror, "--allow-older"),
    ] {
        let fetch = ["allowlist", "fetch", "idp", "--url", &url];
        let refused = stage.refused(&[&fetch[..], flags].concat())?;
        assert!(
            refused.sentence.contains(expect),
            "{url}: {}",
            refused.sentence
        );
        assert_eq!(stage.json(&["allowlist", "show", "idp"])?, before, "{url}");
    }
    let page = [
        "allowlist",
        "fetch",
        "new",
        "--feed",
        "azure",
        "--part",
        "x",
        "--url",
    ];
    let (url, text) = (of("page"), "offers no ServiceTags document");
    let refused = stage.refused(&[&page[..], &[&url], mirror].concat())?;
    assert!(refused.sentence.contains(text), "{}", refused.sentence);
    assert_eq!(
        stage.json(&["allowlist", "list"])?.as_array().map(Vec::len),
        Some(1)
    );
    Ok(())
}

fn lay_out(server: &Https) -> Result<()> {
    server.put("good", r#"{"version": 8, "prefixes": ["198.51.100.0/24"]}"#)?;
    server.put_raw("absent", "404 Not Found", &["Content-Length: 0"], b"")?;
    server.put("empty", "")?;
    let text = br#"{"version": 8, "prefixes": ["198.51.100.0/24", "203.0.113.0/24"]}"#;
    server.put_raw("cut", "200 OK", &["Content-Length: 1000"], text)?;
    server.put(
        "half",
        r#"{"version": 8, "prefixes": ["198.51.100.0/24", "203.0"#,
    )?;
    server.put_raw("huge", "200 OK", &["Content-Length: 68719476736"], b"[]")?;
    server.put_raw("endless", "200 OK", &[], &vec![b' '; MAX_BYTES + 4096])?;
    server.put_redirect("round", &server.url("round"))?;
    server.put_redirect("to-http", "http://127.0.0.1/good")?;
    server.put_redirect("to-file", "file:///etc/passwd")?;
    server.put_redirect("to-metadata", "https://169.254.169.254/latest/meta-data/")?;
    server.put_redirect(
        "to-user",
        &server.url("good").replace("https://", "https://user@"),
    )?;
    server.put_raw("to-nowhere", "302 Found", &["Content-Length: 0"], b"")?;
    server.put(
        "shrunk",
        r#"{"version": 8, "prefixes": ["198.51.100.0/24"]}"#,
    )?;
    server.put(
        "old",
        r#"{"version": 6, "prefixes": ["198.51.100.0/24", "203.0.113.0/24"]}"#,
    )?;
    server.put(
        "page",
        "<html><a href=\"https://evil.example/ServiceTags_Public_20250714.json\"></html>",
    )
}

#[test]
fn wrong_usage_says_what_would_do() -> Result<()> {
    let stage = Stage::new()?;
    let file = stage.file("a", "198.51.100.0/24")?;
    for (arguments, expect) in [
        (vec!["import", "idp", &file], "--feed"),
        (vec!["import", "Idp", &file, "--feed", "text"], "a-z, 0-9"),
        (vec!["fetch", "idp", "--feed", "text"], "--url"),
        (
            vec![
                "fetch",
                "idp",
                "--feed",
                "text",
                "--url",
                "https://x.example/",
                "--ca-file",
                &file,
            ],
            "no certificate",
        ),
        (
            vec!["explain", "jira.example.com", "--tenant", "a"],
            "invalid",
        ),
        (vec!["explain", "10.0.0.1"], "--tenant"),
    ] {
        let refused = stage.refused(&[&["allowlist"], arguments.as_slice()].concat())?;
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.sentence);
        assert!(
            refused.sentence.contains(expect),
            "{arguments:?}: {}",
            refused.sentence
        );
    }
    for arguments in [["show", "idp"], ["remove", "idp"], ["diff", "idp"]] {
        let refused = stage.refused(&[&["allowlist"], &arguments[..]].concat())?;
        let sentence = refused.sentence;
        assert!(
            sentence.contains("allowlist list") || sentence.contains("--feed"),
            "{sentence}"
        );
    }
    Ok(())
}
