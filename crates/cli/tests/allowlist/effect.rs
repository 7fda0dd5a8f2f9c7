//! A running server obeys a set as soon as it is changed.

use std::time::Duration;

use anyhow::{Context, Result};
use provost_testkit::until;

use crate::{stage::Stage, support::Server};

/// The status of a request, with or without the right secret.
fn status(url: &str, authorization: &str) -> Result<u16> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let answer = agent
        .get(url)
        .header("Authorization", authorization)
        .call()?;
    Ok(answer.status().as_u16())
}

fn body(url: &str, authorization: &str) -> Result<String> {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let mut answer = agent
        .get(url)
        .header("Authorization", authorization)
        .call()?;
    Ok(answer.body_mut().read_to_string()?)
}

#[test]
fn a_changed_set_counts_within_a_moment() -> Result<()> {
    let stage = Stage::new()?;
    let made = stage.json(&["tenant", "create", "entra"])?;
    let token = format!("Bearer {}", made["token"].as_str().context("no token")?);
    stage.import("idp", "198.51.100.0/24\n127.0.0.0/8\n")?;
    stage.text(&["allowlist", "use", "idp", "--tenant", "entra"])?;
    let mut server = Server::start(&stage.data_dir(), &[])?;
    let url = format!("{}/scim/entra/v2/Users", server.scim);
    assert_eq!(status(&url, &token)?, 200);
    // The server looks for changes four times a second; the limit only ends a test that hangs.
    let becomes = |expect: u16| {
        until("the change of the set", Duration::from_secs(30), || {
            Ok((status(&url, &token)? == expect).then_some(()))
        })
    };
    for _ in 0..3 {
        stage.import("idp", "198.51.100.0/24\n")?;
        becomes(401)?;
        stage.import("idp", "198.51.100.0/24\n127.0.0.1\n")?;
        becomes(200)?;
    }
    stage.import("idp", "198.51.100.0/24\n")?;
    becomes(401)?;
    // A wrong address, a wrong tenant and a wrong secret look the same.
    let wrong = body(&url.replace("/entra/", "/okta/"), &token)?;
    assert_eq!(body(&url, &token)?, wrong);
    assert_eq!(body(&url, "Bearer nonsense")?, wrong);
    stage.text(&["tenant", "set", "entra", "allowed_addresses="])?;
    becomes(200)?;
    assert_eq!(body(&url, "Bearer nonsense")?, wrong);
    assert!(
        server.child().try_wait()?.is_none(),
        "one server all the time"
    );
    Ok(())
}
