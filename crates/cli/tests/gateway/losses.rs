//! Nodes that are lost: one of two costs no request, and without any the answer is 503.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    programs::{PROGRAMS, Program},
    stage::{Plan, Stage},
};

#[test]
fn without_a_node_every_request_is_answered_503_with_retry_after() -> Result<()> {
    for program in PROGRAMS {
        let plan = Plan {
            nodes: 2,
            ..Plan::default()
        };
        let mut stage = Stage::new(program, &plan)?;
        assert_eq!(
            stage.scim("/scim/acme/v2/Users", &[])?.status,
            200,
            "{program:?}"
        );
        stage.nodes.clear();
        let body = r#"{"userName":"a"}"#;
        for args in [
            &[][..],
            &["-I"],
            &["--data-binary", body],
            &["-X", "PATCH", "--data-binary", body],
            &["-X", "PUT", "--data-binary", body],
            &["-X", "DELETE"],
        ] {
            for version in ["v1", "v2"] {
                let answer = stage.scim(&format!("/scim/acme/{version}/Users"), args)?;
                assert_eq!(answer.status, 503, "{program:?} {args:?}");
                let after = answer.header("Retry-After").context("Retry-After")?;
                assert!(after.parse::<u32>()? > 0, "{program:?} {args:?}");
                assert!(!answer.body.contains("Resources"), "{program:?} {args:?}");
            }
        }
        let answer = stage.scim("/scim/acme/v2/Users", &[])?;
        let error: serde_json::Value = serde_json::from_str(&answer.body)?;
        assert_eq!(error["status"], "503", "{program:?}");
        for path in ["search?entity-type=user", "event", "config/cookie"] {
            let answer = stage.crowd(&format!("/crowd/rest/usermanagement/1/{path}"), &[])?;
            assert_eq!(answer.status, 503, "{program:?} {path}");
            assert!(answer.header("Retry-After").is_some(), "{program:?} {path}");
            let version = answer.header("X-Embedded-Crowd-Version");
            assert!(version.is_some(), "{program:?} {path}");
            assert!(
                answer.body.contains("<reason>OPERATION_FAILED"),
                "{program:?} {path}"
            );
        }
    }
    Ok(())
}

/// A client that keeps its connections.
fn agent(stage: &Stage) -> Result<Agent> {
    let pem = std::fs::read(&stage.certificate)?;
    let own = Certificate::from_pem(&pem)?;
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[own]));
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(50)));
    Ok(config.build().into())
}

/// How many requests each client sends before, and after, a node is killed.
const REQUESTS: usize = 60;
const CLIENTS: usize = 8;

/// Whether the request was answered as if nothing had happened.
fn one(agent: &Agent, url: &str, token: &str, number: usize) -> Result<u16> {
    let bearer = format!("Bearer {token}");
    let answer = if number.is_multiple_of(2) {
        agent.get(url).header("Authorization", &bearer).call()?
    } else {
        let body = format!(r#"{{"userName":"user{number}@example.com"}}"#);
        let request = agent.post(url).header("Authorization", &bearer);
        request
            .header("Content-Type", "application/scim+json")
            .send(&body)?
    };
    let status = answer.status().as_u16();
    answer.into_body().read_to_vec()?;
    Ok(status)
}

fn lose_one(program: &Program) -> Result<()> {
    let plan = Plan {
        nodes: 2,
        ..Plan::default()
    };
    let mut stage = Stage::new(program, &plan)?;
    let done = Arc::new(AtomicUsize::new(0));
    let (warm, is_warm) = mpsc::channel();
    let mut clients = Vec::new();
    for client in 0..CLIENTS {
        let (agent, warm, done) = (agent(&stage)?, warm.clone(), Arc::clone(&done));
        let url = format!("{}/scim/acme/v2/Users", stage.scim);
        let token = stage.token.clone();
        clients.push(thread::spawn(move || -> Result<()> {
            for number in 0..2 * REQUESTS {
                if number == REQUESTS {
                    warm.send(())?;
                }
                let status = one(&agent, &url, &token, client * 1_000 + number)?;
                anyhow::ensure!([200, 201].contains(&status), "request {number}: {status}");
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        }));
    }
    drop(warm);
    // All are in the middle of their work when the node goes.
    let are_warm = (0..CLIENTS).all(|_| is_warm.recv().is_ok());
    stage.nodes.truncate(1);
    for client in clients {
        client
            .join()
            .expect("a client")
            .with_context(|| format!("{program:?}"))?;
    }
    assert!(are_warm, "{program:?}");
    assert_eq!(done.load(Ordering::Relaxed), CLIENTS * 2 * REQUESTS);
    Ok(())
}

#[test]
fn one_of_two_nodes_is_killed_and_no_request_fails() -> Result<()> {
    let mut able = PROGRAMS.iter().filter(|program| program.repeats);
    able.try_for_each(lose_one)
}
