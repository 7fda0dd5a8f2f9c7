//! Caddy. A request goes to another node only with its whole body in memory; how that is said has
//! changed with Caddy 2.6.4, and it works since 2.11.2 (pull request 7360 and issue 7546 of Caddy),
//! so there are two rows.

use std::collections::BTreeMap;

use super::{
    Crowd, Edge, Gateway, Tls,
    rules::{
        CONNECT_SECONDS, CROWD_DOWN, CROWD_HEADER, CROWD_MAX_BODY, CROWD_SECONDS, CROWD_TARGET,
        CROWD_TYPE, CROWD_VERSION, FORGEABLE, HEALTH, ODD_TARGET, READY, RETRY_AFTER, SCIM_DOWN,
        SCIM_SECONDS, SCIM_TYPE, tenant_target,
    },
    text::Text,
};
use crate::IpSet;

/// How the buffer for another try is asked for.
#[derive(Clone, Copy)]
enum Buffer {
    /// `request_buffers`, since 2.6.4.
    Sized,
    /// `buffer_requests` and `max_buffer_size`, before.
    Switched,
}

/// One of the two routes, as far as they are alike.
struct Route<'a> {
    edge: &'a Edge,
    policy: &'static str,
    seconds: u32,
    max_body: usize,
    buffer: Buffer,
}

pub(super) fn print(gateway: &Gateway) -> String {
    all(gateway, Buffer::Sized)
}

pub(super) fn print_old(gateway: &Gateway) -> String {
    all(gateway, Buffer::Switched)
}

fn all(gateway: &Gateway, buffer: Buffer) -> String {
    let mut text = Text::new("\t");
    text.block("{", "}", |text| {
        text.line("admin off");
        text.line("auto_https off");
        text.line(format_args!(
            "default_sni {}",
            gateway.scim.edge.server_name
        ));
        text.block("servers {", "}", |text| {
            text.line("protocols h1");
            text.line("max_header_size 64KB");
            text.block("timeouts {", "}", |text| {
                text.line("read_header 10s");
                text.line("read_body 15s");
                text.line("idle 65s");
            });
        });
    });
    scim(&mut text, gateway, buffer);
    if let Some(crowd) = &gateway.crowd {
        applications(&mut text, crowd, buffer);
    }
    text.finish()
}

fn scim(text: &mut Text, gateway: &Gateway, buffer: Buffer) {
    let scim = &gateway.scim;
    let route = Route {
        edge: &scim.edge,
        policy: "least_conn",
        seconds: SCIM_SECONDS,
        max_body: gateway.max_body,
        buffer,
    };
    text.gap();
    text.block("(provost_scim) {", "}", |text| {
        matcher(text, "odd", ODD_TARGET);
        for tenant in &scim.tenants {
            if let Some(set) = &tenant.admits {
                let name = format!("stranger_{}", tenant.slug.identifier());
                strangers(text, &name, &tenant_target(&tenant.slug), set);
            }
        }
        let targets: Vec<_> = scim
            .tenants
            .iter()
            .map(|t| tenant_target(&t.slug))
            .collect();
        matcher(text, "served", &served(&targets));
        text.block("route {", "}", |text| {
            text.line("respond @odd 400");
            for tenant in scim.tenants.iter().filter(|tenant| tenant.admits.is_some()) {
                text.line(format_args!(
                    "respond @stranger_{} 403",
                    tenant.slug.identifier()
                ));
            }
            proxy(text, &route);
        });
        errors(text, SCIM_TYPE, SCIM_DOWN);
    });
    sites(text, "https", &scim.edge, Some(&scim.tls), "provost_scim");
}

fn applications(text: &mut Text, crowd: &Crowd, buffer: Buffer) {
    let route = Route {
        edge: &crowd.edge,
        policy: "ip_hash",
        seconds: CROWD_SECONDS,
        max_body: CROWD_MAX_BODY,
        buffer,
    };
    text.gap();
    text.block("(provost_crowd) {", "}", |text| {
        text.line("# Applications refuse an answer without this header; nodes send it themselves.");
        text.line(format_args!("header ?{CROWD_HEADER} {CROWD_VERSION}"));
        matcher(text, "odd", ODD_TARGET);
        if let Some(set) = &crowd.admits {
            strangers(text, "stranger", CROWD_TARGET, set);
        }
        matcher(text, "served", &served(&[CROWD_TARGET.to_owned()]));
        text.block("route {", "}", |text| {
            text.line("respond @odd 400");
            if crowd.admits.is_some() {
                text.line("respond @stranger 403");
            }
            proxy(text, &route);
        });
        errors(text, CROWD_TYPE, CROWD_DOWN);
    });
    let scheme = if crowd.tls.is_some() { "https" } else { "http" };
    sites(
        text,
        scheme,
        &crowd.edge,
        crowd.tls.as_ref(),
        "provost_crowd",
    );
}

/// One site per port, for whatever host is asked: an unknown host would be answered 200 and empty.
fn sites(text: &mut Text, scheme: &str, edge: &Edge, tls: Option<&Tls>, snippet: &str) {
    let mut ports: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for address in &edge.listen {
        ports
            .entry(address.port())
            .or_default()
            .push(address.ip().to_string());
    }
    for (port, addresses) in ports {
        text.gap();
        text.block(format_args!("{scheme}://:{port} {{"), "}", |text| {
            text.line(format_args!("bind {}", addresses.join(" ")));
            if let Some(tls) = tls {
                let (certificate, key) = (&tls.certificate, tls.key());
                text.block(format_args!("tls {certificate} {key} {{"), "}", |text| {
                    text.line("protocols tls1.2 tls1.3");
                    text.line("alpn http/1.1");
                });
            }
            text.line(format_args!("import {snippet}"));
            text.block("log {", "}", |text| {
                text.line("# Without URLs, because filters name people.");
                text.block("format filter {", "}", |text| {
                    text.line("wrap console");
                    text.block("fields {", "}", |text| {
                        text.line("request>uri delete");
                        text.line("request>headers delete");
                    });
                });
            });
        });
    }
}

/// Matches the request target as it was sent, before anything is decoded.
fn matcher(text: &mut Text, name: &str, expression: &str) {
    text.line(format_args!(
        "@{name} vars_regexp {{http.request.uri}} `{expression}`"
    ));
}

fn strangers(text: &mut Text, name: &str, target: &str, set: &IpSet) {
    let networks: Vec<_> = set.prefixes().map(|prefix| prefix.to_string()).collect();
    text.block(format_args!("@{name} {{"), "}", |text| {
        text.line(format_args!("vars_regexp {{http.request.uri}} `{target}`"));
        text.line(format_args!("not remote_ip {}", networks.join(" ")));
    });
}

/// All targets and health, as one expression.
fn served(targets: &[String]) -> String {
    let health = HEALTH.map(|path| format!(r"^{path}(\?|$)"));
    let all: Vec<_> = targets.iter().chain(&health).map(String::as_str).collect();
    all.join("|")
}

/// Every decimal number above one, as a regular expression.
fn above(number: usize) -> String {
    let digits = number.to_string();
    let count = digits.len();
    let mut all = vec![format!(r"[1-9]\d{{{count},}}")];
    for (at, digit) in digits.char_indices() {
        let (Some(before), Some(more)) = (digits.get(..at), digit.to_digit(10)) else {
            continue;
        };
        if more < 9 {
            let rest = count - at - 1;
            all.push(format!(r"{before}[{}-9]\d{{{rest}}}", more + 1));
        }
    }
    all.join("|")
}

fn proxy(text: &mut Text, route: &Route<'_>) {
    let large = format!(r"^0*({})$", above(route.max_body));
    text.line(format_args!(
        "@large header_regexp Content-Length `{large}`"
    ));
    text.line("respond @large 413");
    text.block("request_body @served {", "}", |text| {
        text.line(format_args!("max_size {}", route.max_body));
    });
    let nodes: Vec<_> = route.edge.nodes.iter().map(ToString::to_string).collect();
    let head = format!("reverse_proxy @served {} {{", nodes.join(" "));
    text.block(head, "}", |text| {
        text.line(format_args!("lb_policy {}", route.policy));
        text.line("# Requests are replay-safe, so that every method goes to another node when one is lost.");
        text.line("lb_retries 3");
        text.line("lb_try_duration 40s");
        text.line("lb_try_interval 100ms");
        let bytes = route.max_body + 1;
        match route.buffer {
            Buffer::Sized => {
                text.line("lb_retry_match method GET HEAD POST PUT PATCH DELETE");
                text.line("fail_duration 2s");
                text.line(format_args!("request_buffers {bytes}"));
            }
            Buffer::Switched => {
                // A body cannot be sent twice, and the attempt would be held against the live node.
                text.line("lb_retry_match method GET HEAD DELETE");
                text.line("buffer_requests");
                text.line(format_args!("max_buffer_size {bytes}"));
            }
        }
        text.line(format_args!("health_uri {READY}"));
        text.line("health_interval 2s");
        text.line("health_timeout 1s");
        text.line("health_status 200");
        text.line("# X-Forwarded-For is written anew by Caddy itself.");
        for name in FORGEABLE.iter().filter(|name| **name != "X-Forwarded-For") {
            text.line(format_args!("header_up -{name}"));
        }
        text.block("transport http {", "}", |text| {
            text.line(format_args!("dial_timeout {CONNECT_SECONDS}s"));
            text.line(format_args!("response_header_timeout {}s", route.seconds));
            text.line("keepalive 60s");
            text.line("versions 1.1");
            text.line("compression off");
        });
    });
    text.line("respond 404");
}

fn errors(text: &mut Text, media_type: &str, body: &str) {
    text.block("handle_errors {", "}", |text| {
        text.line("@down expression {http.error.status_code} >= 500");
        text.line(format_args!("header @down Retry-After {RETRY_AFTER}"));
        text.line(format_args!("header @down Content-Type {media_type}"));
        if media_type == CROWD_TYPE {
            text.line(format_args!("header {CROWD_HEADER} {CROWD_VERSION}"));
        }
        text.line(format_args!("respond @down `{body}` 503"));
        text.line("respond \"{http.error.status_text}\" {http.error.status_code}");
    });
}
