//! Behind a gateway: who is taken for whom, what can be reached, and what passes unchanged.

use anyhow::Result;

use crate::{
    programs::PROGRAMS,
    stage::{Plan, Stage},
};

/// Everything in which somebody could claim to be 127.0.0.2.
const CLAIMS: &[&str] = &[
    "X-Forwarded-For: 127.0.0.2",
    "x-forwarded-for: 127.0.0.2, 127.0.0.2",
    "Forwarded: for=127.0.0.2",
    "Forwarded: for=\"127.0.0.2\";proto=https",
    "X-Real-IP: 127.0.0.2",
    "True-Client-IP: 127.0.0.2",
    "CF-Connecting-IP: 127.0.0.2",
    "X-Client-IP: 127.0.0.2",
    "X_Forwarded_For: 127.0.0.2",
];

/// H1, H2, H5, H6 and H8 through the real gateways: the tenant admits 127.0.0.2 only, so that the
/// answer tells whom Provost has seen.
#[test]
fn forged_headers_never_change_whom_provost_sees() -> Result<()> {
    for program in PROGRAMS {
        for way in ["x-forwarded-for", "forwarded", "proxy-v2"] {
            let plan = Plan {
                tenant: &["allowed_addresses=127.0.0.2"],
                flags: &["--admit", "127.0.0.0/8"],
                client_address: way,
                ..Plan::default()
            };
            let stage = match Stage::new(program, &plan) {
                Err(error) if error.to_string().contains("cannot hand") => continue,
                made => made?,
            };
            let ask = |from: &str, claims: &[&str]| {
                let mut args = vec!["--interface", from];
                args.extend(claims.iter().flat_map(|claim| ["-H", claim]));
                stage.scim("/scim/acme/v2/Users", &args)
            };
            assert_eq!(ask("127.0.0.2", &[])?.status, 200, "{program:?} {way}");
            assert_eq!(ask("127.0.0.1", &[])?.status, 401, "{program:?} {way}");
            for claim in CLAIMS {
                let forged = ask("127.0.0.1", &[claim])?;
                assert_eq!(forged.status, 401, "{program:?} {way} {claim}");
            }
            let all = ask("127.0.0.1", CLAIMS)?;
            assert_eq!(all.status, 401, "{program:?} {way}");
            let harmless = ask("127.0.0.2", &["X-Forwarded-For: 127.0.0.1"])?;
            assert_eq!(harmless.status, 200, "{program:?} {way}: the truth counts");
        }
    }
    Ok(())
}

/// The gateway's own allowlist, which is the tenant's.
#[test]
fn unlisted_addresses_are_turned_away_at_the_gateway_and_health_is_not() -> Result<()> {
    for program in PROGRAMS {
        let plan = Plan {
            tenant: &["allowed_addresses=127.0.0.2"],
            ..Plan::default()
        };
        let stage = Stage::new(program, &plan)?;
        let status = |from: &str, path: &str| {
            let answer = stage.scim(path, &["--interface", from]);
            answer.map(|answer| answer.status)
        };
        assert_eq!(
            status("127.0.0.2", "/scim/acme/v2/Users")?,
            200,
            "{program:?}"
        );
        for path in [
            "/scim/acme/v2/Users",
            "/scim/acme/v1/Users",
            "/scim/acme/v2",
            "/scim/acme/v2//Users",
            "/scim/acme/v2/Users?filter=userName%20eq%20%22a%22",
        ] {
            assert_eq!(status("127.0.0.3", path)?, 403, "{program:?} {path}");
        }
        for path in ["/health/live", "/health/ready"] {
            assert_eq!(status("127.0.0.3", path)?, 200, "{program:?} {path}");
        }
    }
    Ok(())
}

/// Paths that must not lead anywhere on the route of the identity providers.
const NOWHERE: &[&str] = &[
    "/",
    "/metrics",
    "/console/",
    "/crowd/rest/usermanagement/1/search?entity-type=user",
    "/rest/usermanagement/1/search?entity-type=user",
    "/scim",
    "/scim/",
    "/scim/other/v2/Users",
    "/scim/acme/v3/Users",
    "/scim/acme/v2x/Users",
    "/scim/acmes/v2/Users",
    "/SCIM/acme/v2/Users",
    "/scim/acme;x/v2/Users",
    "/scim/acme/v2/../../../metrics",
    "/scim/acme/v2/../../../crowd/rest/usermanagement/1/search",
    "/scim/acme/v2/%2e%2e/%2e%2e/%2e%2e/metrics",
    "/scim/acme/v2/.%2E/%2e./..%2f/metrics",
    "/scim/acme/v2/..%2f..%2f..%2fmetrics",
    "/scim/acme/v2/..%5c..%5cmetrics",
    "/scim/acme/v2/Users/%00",
    "/scim/acme/v2/Users/..;/..;/metrics",
    "/scim/other/v2/../../acme/v2/Users",
    "/health/../metrics",
    "/health/ready/../../metrics",
    "/health/ready/",
    "/health",
    "//metrics",
    "//crowd/rest/usermanagement/1/search",
    "/scim/acme/v2/Users/./../../../../metrics",
    "/scim%2facme/v2/Users",
    "/%6detrics",
    "/scim/acme/v1/../../../metrics",
];

#[test]
fn nothing_but_scim_and_health_is_reachable() -> Result<()> {
    for program in PROGRAMS {
        // Everything on one port of the node, so that the gateway alone stands between.
        let plan = Plan {
            settings: &[("PROVOST_SINGLE_PORT", "true")],
            ..Plan::default()
        };
        let stage = Stage::new(program, &plan)?;
        assert_eq!(
            stage.scim("/scim/acme/v2/Users", &[])?.status,
            200,
            "{program:?}"
        );
        for path in NOWHERE {
            let as_application = stage.application.as_str();
            let answer = stage.scim(path, &["-u", as_application])?;
            let refused = [400, 404].contains(&answer.status);
            assert!(refused, "{program:?} {path}: {}", answer.status);
            let said = &answer.body;
            assert!(
                !said.contains("provost_") && !said.contains("<user"),
                "{path}: {said}"
            );
        }
        for path in [
            "/metrics",
            "/scim/acme/v2/Users",
            "/crowd/../metrics",
            "/console/",
        ] {
            let answer = stage.crowd(path, &[])?;
            let refused = [400, 404].contains(&answer.status);
            assert!(refused, "{program:?} {path}: {}", answer.status);
            assert!(
                answer.header("X-Embedded-Crowd-Version").is_some(),
                "{program:?} {path}"
            );
        }
    }
    Ok(())
}

#[test]
fn what_identity_providers_send_passes_unchanged() -> Result<()> {
    for program in PROGRAMS {
        let stage = Stage::new(program, &Plan::default())?;
        let name = "o'brien+x/y \"q\" %41&=@example.com";
        let user = serde_json::json!({ "userName": name, "externalId": "a/b+c" });
        let created = stage.scim("/scim/acme/v2/Users", &post(&user.to_string()))?;
        assert_eq!(created.status, 201, "{program:?} {}", created.body);
        let filter =
            "userName%20eq%20%22o'brien%2Bx%2Fy%20%5C%22q%5C%22%20%2541%26%3D%40example.com%22";
        for query in [
            format!("filter={filter}"),
            "filter=externalId%20eq%20%22a/b+c%22".to_owned(),
            "filter=externalId+eq+%22a%2Fb%2Bc%22".to_owned(),
            "filter=userName%20sw%20%22o%27brien%22&count=1&startIndex=1".to_owned(),
        ] {
            let found = stage.scim(&format!("/scim/acme/v2/Users?{query}"), &[])?;
            let found: serde_json::Value = serde_json::from_str(&found.body)?;
            assert_eq!(found["totalResults"], 1, "{program:?} {query}");
        }
        // Base URLs that end in a slash, and both versions.
        for path in [
            "/scim/acme/v2//Users",
            "/scim/acme/v1/Users",
            "/scim/acme/v2/Users/",
        ] {
            assert_eq!(stage.scim(path, &[])?.status, 200, "{program:?} {path}");
        }
        let urn = "/scim/acme/v2/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser";
        assert_eq!(stage.scim(urn, &[])?.status, 200, "{program:?}");
        let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
        let found = stage.scim("/scim/acme/v2/.search", &post(search))?;
        assert_eq!(found.status, 200, "{program:?} {}", found.body);
        let listed = stage.crowd("/crowd/rest/usermanagement/1/search?entity-type=user", &[])?;
        assert_eq!(listed.status, 200, "{program:?} {}", listed.body);
        assert_eq!(
            listed
                .header("X-Embedded-Crowd-Version")
                .map(|v| v.contains(',')),
            Some(false)
        );
    }
    Ok(())
}

/// Arguments that send a body.
fn post(body: &str) -> [&str; 4] {
    [
        "-H",
        "Content-Type: application/scim+json",
        "--data-binary",
        body,
    ]
}

/// A user of so many bytes; the limit of one string lies far below.
fn user_of(bytes: usize) -> String {
    let mut user = r#"{"userName":"big@example.com""#.to_owned();
    let pad = bytes - user.len() - 1;
    user.push_str(&" ".repeat(pad));
    user.push('}');
    user
}

#[test]
fn bodies_pass_up_to_the_limit_and_no_further() -> Result<()> {
    for program in PROGRAMS {
        let stage = Stage::new(program, &Plan::default())?;
        let file = stage.data.join("body.json");
        let body = format!("@{}", file.display());
        let limit = 1 << 20;
        for (bytes, chunked, expect) in [
            (limit, false, 201),
            (limit + 1, false, 413),
            (limit + 20_000, false, 413),
            (limit + 100_000, true, 413),
            (4 * limit, false, 413),
        ] {
            std::fs::write(&file, user_of(bytes))?;
            let chunks = ["-H", "Transfer-Encoding: chunked"];
            let more: &[&str] = if chunked { &chunks } else { &[] };
            let answer = stage.scim("/scim/acme/v2/Users", &[&post(&body), more].concat())?;
            assert_eq!(answer.status, expect, "{program:?} {bytes} {chunked}");
        }
        let long = format!(
            "/scim/acme/v2/Users?filter=userName%20eq%20%22{}%22",
            "a".repeat(7_000)
        );
        assert_eq!(stage.scim(&long, &[])?.status, 200, "{program:?}");
    }
    Ok(())
}

/// Several requests on one connection: curl says how many it has opened.
#[test]
fn connections_are_kept() -> Result<()> {
    for program in PROGRAMS {
        let stage = Stage::new(program, &Plan::default())?;
        let url = format!("{}/scim/acme/v2/Users", stage.scim);
        let args = [
            "-w",
            "\nopened %{num_connects}\n",
            "-o",
            "/dev/null",
            "-o",
            "/dev/null",
            &url,
        ];
        let bearer = format!("Authorization: Bearer {}", stage.token);
        let mut command = std::process::Command::new("curl");
        command
            .args(["-sS", "--noproxy", "*", "--cacert"])
            .arg(&stage.certificate);
        command.args(["-H", &bearer]).args(args).arg(&url);
        let said = crate::stage::run(&mut command)?;
        let opened: Vec<_> = said
            .lines()
            .filter_map(|line| line.strip_prefix("opened "))
            .collect();
        assert_eq!(opened, ["1", "0"], "{program:?}");
    }
    Ok(())
}
