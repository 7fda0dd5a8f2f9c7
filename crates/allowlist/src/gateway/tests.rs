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
            "10.0.0.11:5501",
            "10.0.0.12:5501",
            "10.0.0.11:8095",
            "/etc/ssl/scim.pem",
            "entra",
            "okta-prod",
            "/health/ready",
            "Retry-After",
            "X-Embedded-Crowd-Version",
            "X-Real-IP",
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

#[test]
fn what_cannot_work_is_refused_with_the_next_step() {
    let empty = Some(IpSet::default());
    let cases: &[(fn(&mut Gateway), &str)] = &[
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
