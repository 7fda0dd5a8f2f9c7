//! What every configuration says, whatever the program.

use super::*;

fn set(networks: &[&str]) -> IpSet {
    networks
        .iter()
        .map(|text| Prefix::parse(text).unwrap())
        .collect()
}

fn edge(port: u16, nodes: &[&str]) -> Edge {
    Edge {
        server_name: "scim.example.com".parse().unwrap(),
        listen: vec![SocketAddr::from(([0, 0, 0, 0], port))],
        nodes: nodes.iter().map(|node| node.parse().unwrap()).collect(),
    }
}

fn gateway() -> Gateway {
    let tls = Tls {
        certificate: "/etc/ssl/scim.pem".parse().unwrap(),
        key: None,
    };
    Gateway {
        scim: Scim {
            edge: edge(443, &["10.0.0.11:5501", "10.0.0.12:5501"]),
            tls: tls.clone(),
            tenants: vec![
                Tenant {
                    slug: "entra".parse().unwrap(),
                    admits: Some(set(&["203.0.113.0/24", "2001:db8:1::/48"])),
                },
                Tenant {
                    slug: "okta-prod".parse().unwrap(),
                    admits: None,
                },
            ],
        },
        crowd: Some(Crowd {
            edge: edge(8443, &["10.0.0.11:8095", "10.0.0.12:8095"]),
            tls: Some(tls),
            admits: Some(set(&["10.1.0.0/16"])),
        }),
        hand_over: X_FORWARDED_FOR,
        own_addresses: Vec::new(),
        max_body: 1 << 20,
        max_connections: 400,
    }
}

#[test]
fn every_configuration_names_nodes_tenants_networks_and_what_provost_must_be_set_to() {
    for format in FORMATS {
        let text = format.print(&gateway()).unwrap();
        for word in [
            "client_address = \"x-forwarded-for\"",
            "trusted_proxies = [",
            "10.0.0.11",
            "10.0.0.12",
            "5501",
            "8095",
            "/etc/ssl/scim.pem",
            "entra",
            "okta-prod",
            "/health/ready",
            "Retry-After",
            "X-Embedded-Crowd-Version",
            "True-Client-IP",
            "# Tenant entra: from 2 networks.",
            "# Tenant okta-prod: from everywhere.",
        ] {
            assert!(text.contains(word), "{} lacks {word}:\n{text}", format.name);
        }
        assert_eq!(
            text,
            format.print(&gateway()).unwrap(),
            "equal input, equal bytes"
        );
    }
}

/// What is done to a gateway that works.
type Spoil = fn(&mut Gateway);

#[test]
fn what_cannot_work_is_refused_with_the_next_step() {
    let empty = Some(IpSet::default());
    let cases: &[(Spoil, &str)] = &[
        (|g| g.scim.tenants.clear(), "--tenant"),
        (|g| g.scim.edge.nodes.clear(), "--node"),
        (|g| g.scim.edge.listen.clear(), "--listen"),
        (|g| g.crowd.as_mut().unwrap().edge.nodes.clear(), "--node"),
    ];
    for format in FORMATS {
        for (spoil, words) in cases {
            let mut gateway = gateway();
            spoil(&mut gateway);
            let error = format.print(&gateway).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        // H11: a list that admits nobody is a mistake, and never admits everybody.
        let mut nobody = gateway();
        nobody.scim.tenants[0].admits.clone_from(&empty);
        let error = format.print(&nobody).unwrap_err();
        assert_eq!(
            error,
            GatewayError::NobodyAdmitted("tenant entra".to_owned())
        );
        let mut nobody = gateway();
        nobody.crowd.as_mut().unwrap().admits.clone_from(&empty);
        assert!(format.print(&nobody).is_err());
    }
}

#[test]
fn a_client_address_that_the_program_cannot_hand_over_is_refused() {
    for format in FORMATS {
        for way in [
            X_FORWARDED_FOR,
            FORWARDED,
            HandOver::Proxy(Version::V1),
            HandOver::Proxy(Version::V2),
        ] {
            let gateway = Gateway {
                hand_over: way,
                ..gateway()
            };
            let possible = format.hand_overs.contains(&way);
            let made = format.print(&gateway);
            assert_eq!(made.is_ok(), possible, "{} {way:?}", format.name);
        }
    }
}

#[test]
fn haproxy_finds_its_key() {
    let haproxy = find("haproxy").unwrap();
    for (key, expect) in [
        (None, true),
        (Some("/etc/ssl/scim.pem"), true),
        (Some("/etc/ssl/scim.pem.key"), true),
        (Some("/etc/ssl/scim.key"), false),
    ] {
        let mut gateway = gateway();
        gateway.scim.tls.key = key.map(|path| path.parse().unwrap());
        assert_eq!(haproxy.print(&gateway).is_ok(), expect, "{key:?}");
    }
}

/// The document below the comment.
fn document(format: &str, gateway: &Gateway) -> serde_json::Value {
    let text = find(format).unwrap().print(gateway).unwrap();
    let below = text.lines().filter(|line| !line.starts_with('#'));
    serde_json::from_str(&below.collect::<String>()).unwrap()
}

fn keys(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// No package of Traefik is at hand, so that its document is checked by its references: whatever
/// is named is there, and nothing is there that nobody names.
#[test]
fn every_name_in_the_document_for_traefik_stands_for_something() {
    let document = document("traefik", &gateway());
    assert_eq!(keys(&document), ["http", "tls"]);
    let http = &document["http"];
    assert_eq!(
        keys(http),
        ["middlewares", "routers", "serversTransports", "services"]
    );
    let (mut middlewares, mut services, mut transports) = (vec![], vec![], vec![]);
    for router in http["routers"].as_object().unwrap().values() {
        assert_eq!(
            router["entryPoints"],
            serde_json::json!([router["service"]])
        );
        services.push(router["service"].as_str().unwrap());
        let used = router["middlewares"].as_array().unwrap();
        middlewares.extend(used.iter().map(|name| name.as_str().unwrap()));
    }
    for service in http["services"].as_object().unwrap().values() {
        let balancer = &service["loadBalancer"];
        transports.push(balancer["serversTransport"].as_str().unwrap());
        assert_eq!(balancer["servers"].as_array().unwrap().len(), 2);
    }
    for (mut named, there) in [
        (middlewares, &http["middlewares"]),
        (services, &http["services"]),
        (transports, &http["serversTransports"]),
    ] {
        named.sort_unstable();
        named.dedup();
        assert_eq!(named, keys(there));
    }
    let rule = &http["routers"]["provost-scim-entra"]["rule"];
    assert_eq!(rule, "PathRegexp(`^/scim/entra/v[12](/|$)`)");
    let list = &http["middlewares"]["provost-scim-entra-addresses"]["ipAllowList"]["sourceRange"];
    assert_eq!(
        list,
        &serde_json::json!(["203.0.113.0/24", "2001:db8:1::/48"])
    );
}

/// No package of Envoy is at hand, so that its document is checked by its references and types.
#[test]
fn every_name_in_the_document_for_envoy_stands_for_something() {
    let document = document("envoy", &gateway());
    let resources = &document["static_resources"];
    assert_eq!(keys(resources), ["clusters", "listeners"]);
    let clusters = resources["clusters"].as_array().unwrap();
    let names: Vec<_> = clusters.iter().map(|cluster| &cluster["name"]).collect();
    assert_eq!(names, ["provost_scim", "provost_crowd"]);
    for cluster in clusters {
        assert_eq!(cluster["load_assignment"]["cluster_name"], cluster["name"]);
    }
    let listeners = resources["listeners"].as_array().unwrap();
    for (listener, name) in listeners.iter().zip(&names) {
        let chain = &listener["filter_chains"][0];
        let manager = &chain["filters"][0]["typed_config"];
        let host = &manager["route_config"]["virtual_hosts"][0];
        for route in host["routes"].as_array().unwrap() {
            assert_eq!(&route["route"]["cluster"], *name);
        }
        let filters = manager["http_filters"].as_array().unwrap();
        let last = filters.last().unwrap();
        assert_eq!(
            last["name"], "envoy.filters.http.router",
            "the router ends the chain"
        );
        for filter in filters {
            let kind = filter["typed_config"]["@type"].as_str().unwrap();
            assert!(
                kind.starts_with("type.googleapis.com/envoy.extensions.filters.http."),
                "{kind}"
            );
        }
    }
}

/// No package of the present Caddy is at hand; its file differs from the one that is run in tests
/// in what is sent again only.
#[test]
fn the_files_for_both_caddies_differ_in_what_is_sent_again_only() {
    let lines = |format: &str| {
        let text = find(format).unwrap().print(&gateway()).unwrap();
        let below = text.lines().filter(|line| !line.starts_with('#'));
        below.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let (present, old) = (lines("caddy"), lines("caddy-2.6"));
    let only = |some: &[String], other: &[String]| {
        let mut only: Vec<_> = some
            .iter()
            .filter(|line| !other.contains(line))
            .cloned()
            .collect();
        only.dedup();
        only
    };
    let ours = [
        "lb_retry_match method GET HEAD POST PUT PATCH DELETE",
        "fail_duration 2s",
        "request_buffers 1048577",
        "lb_retry_match method GET HEAD POST PUT PATCH DELETE",
        "fail_duration 2s",
        "request_buffers 65537",
    ];
    assert_eq!(only(&present, &old), ours);
    let theirs = [
        "lb_retry_match method GET HEAD DELETE",
        "buffer_requests",
        "max_buffer_size 1048577",
        "lb_retry_match method GET HEAD DELETE",
        "buffer_requests",
        "max_buffer_size 65537",
    ];
    assert_eq!(only(&old, &present), theirs);
}
