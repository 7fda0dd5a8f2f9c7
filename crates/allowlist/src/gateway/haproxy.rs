//! `HAProxy`. A request is kept until it is answered, so that any method can go to another node;
//! that needs buffers as large as the largest body.

use super::{
    Edge, Gateway, GatewayError, HandOver, Tls,
    rules::{
        CIPHERS, CONNECT_SECONDS, CROWD_DOWN, CROWD_HEADER, CROWD_SECONDS, CROWD_TARGET,
        CROWD_TYPE, CROWD_VERSION, FORGEABLE, HEALTH, ODD_TARGET, READY, RETRY_AFTER, SCIM_DOWN,
        SCIM_SECONDS, SCIM_TYPE, tenant_target,
    },
    text::Text,
};
use crate::{
    IpSet,
    client::{Header, proxy::Version},
};

/// Room for the head of a request beside its body.
const HEAD_BYTES: usize = 64 * 1024;
/// Largest body that is kept for another try; each request in flight may need that much memory.
const MAX_KEPT: usize = 4 << 20;
/// Networks on one line; `HAProxy` takes at most 64 words.
const PER_LINE: usize = 16;

/// Whether the program finds the keys.
pub(super) fn check(gateway: &Gateway) -> Result<(), GatewayError> {
    check_key(&gateway.scim.tls)?;
    let crowd = gateway.crowd.as_ref().and_then(|crowd| crowd.tls.as_ref());
    crowd.map_or(Ok(()), check_key)
}

pub(super) fn print(gateway: &Gateway) -> String {
    let mut text = Text::new("    ");
    global(&mut text, gateway);
    defaults(&mut text);
    scim(&mut text, gateway);
    applications(&mut text, gateway);
    text.finish()
}

/// The key is in the certificate's file, or in one that has `.key` added to its name.
fn check_key(tls: &Tls) -> Result<(), GatewayError> {
    let beside = format!("{}.key", tls.certificate);
    match &tls.key {
        Some(key) if key.as_str() != beside && *key != tls.certificate => {
            Err(GatewayError::KeyElsewhere)
        }
        Some(_) | None => Ok(()),
    }
}

fn global(text: &mut Text, gateway: &Gateway) {
    let buffer = gateway.max_body.min(MAX_KEPT) + HEAD_BYTES;
    text.block("global", "", |text| {
        text.line("log stdout format raw local0 info");
        text.line("hard-stop-after 60s");
        text.line(
            "# A request that fits is kept until it is answered; memory is taken as bytes arrive.",
        );
        text.line(format_args!("tune.bufsize {buffer}"));
        text.line(
            "# Connections of a node that has gone are noticed by the thread that holds them.",
        );
        text.line("tune.idle-pool.shared off");
        text.line("ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets");
        text.line(format_args!("ssl-default-bind-ciphers {CIPHERS}"));
    });
    text.gap();
}

fn defaults(text: &mut Text) {
    text.block("defaults", "", |text| {
        text.line("mode http");
        text.line("log global");
        text.line("option dontlognull");
        text.line("# Without the query, because filters name people.");
        text.line("log-format \"%ci [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %ts %rc %HM %HP\"");
        text.line(format_args!("timeout connect {CONNECT_SECONDS}s"));
        text.line("timeout client 65s");
        text.line("timeout http-request 15s");
        text.line("timeout http-keep-alive 65s");
        text.line("timeout queue 10s");
        text.line("option http-buffer-request");
        text.line("# Requests are replay-safe, so that every method goes to another node when one is lost.");
        text.line("retries 5");
        text.line("option redispatch 1");
        text.line("retry-on conn-failure empty-response junk-response response-timeout 502 503 504");
    });
}

fn scim(text: &mut Text, gateway: &Gateway) {
    let scim = &gateway.scim;
    text.gap();
    text.block("frontend provost_scim", "", |text| {
        bind(text, &scim.edge, Some(&scim.tls));
        down(text, SCIM_TYPE, SCIM_DOWN);
        text.line(format_args!("acl odd path_reg {}", quoted(ODD_TARGET)));
        text.line(format_args!("acl health path {}", HEALTH.join(" ")));
        for tenant in &scim.tenants {
            let target = quoted(&tenant_target(&tenant.slug));
            text.line(format_args!("acl is-{} path_reg {target}", tenant.slug));
            if let Some(set) = &tenant.admits {
                addresses(text, &format!("from-{}", tenant.slug), set);
            }
        }
        let tenants: Vec<_> = scim.tenants.iter().map(|t| format!("!is-{}", t.slug)).collect();
        text.line("http-request deny deny_status 400 if odd");
        text.line("http-request return status 414 content-type text/plain string 'The URL is too long' if { url_len gt 8192 }");
        text.line(format_args!(
            "http-request deny deny_status 404 if !health {}",
            tenants.join(" ")
        ));
        for tenant in scim.tenants.iter().filter(|tenant| tenant.admits.is_some()) {
            let slug = &tenant.slug;
            text.line(format_args!(
                "http-request deny deny_status 403 if is-{slug} !from-{slug}"
            ));
        }
        text.line(format_args!(
            "http-request deny deny_status 413 if {{ req.body_size gt {} }}",
            gateway.max_body
        ));
        forwarding(text, gateway.hand_over, "https");
        text.line("default_backend provost_scim_nodes");
    });
    text.gap();
    text.block("backend provost_scim_nodes", "", |text| {
        text.line("balance leastconn");
        text.line(format_args!("timeout server {SCIM_SECONDS}s"));
        nodes(text, gateway, &scim.edge);
    });
}

fn applications(text: &mut Text, gateway: &Gateway) {
    let Some(crowd) = &gateway.crowd else {
        return;
    };
    text.gap();
    text.block("frontend provost_crowd", "", |text| {
        bind(text, &crowd.edge, crowd.tls.as_ref());
        down(text, CROWD_TYPE, CROWD_DOWN);
        text.line("# Applications refuse an answer without this header; nodes send it themselves.");
        text.line(format_args!(
            "http-after-response set-header {CROWD_HEADER} {CROWD_VERSION} if !{{ res.hdr({CROWD_HEADER}) -m found }}"
        ));
        text.line(format_args!("acl odd path_reg {}", quoted(ODD_TARGET)));
        text.line(format_args!("acl health path {}", HEALTH.join(" ")));
        text.line(format_args!("acl is-crowd path_reg {}", quoted(CROWD_TARGET)));
        text.line("http-request deny deny_status 400 if odd");
        text.line("http-request deny deny_status 404 if !health !is-crowd");
        if let Some(set) = &crowd.admits {
            addresses(text, "from-applications", set);
            text.line("http-request deny deny_status 403 if is-crowd !from-applications");
        }
        let scheme = if crowd.tls.is_some() { "https" } else { "http" };
        forwarding(text, gateway.hand_over, scheme);
        text.line("default_backend provost_crowd_nodes");
    });
    text.gap();
    text.block("backend provost_crowd_nodes", "", |text| {
        text.line("balance source");
        text.line("hash-type consistent");
        text.line(format_args!("timeout server {CROWD_SECONDS}s"));
        nodes(text, gateway, &crowd.edge);
    });
}

fn bind(text: &mut Text, edge: &Edge, tls: Option<&Tls>) {
    for address in &edge.listen {
        let only = if address.is_ipv6() { " v6only" } else { "" };
        match tls {
            Some(tls) => text.line(format_args!(
                "bind {address}{only} ssl crt {} alpn http/1.1",
                tls.certificate
            )),
            None => text.line(format_args!("bind {address}{only}")),
        }
    }
}

/// What the gateway answers itself when no node has answered.
fn down(text: &mut Text, media_type: &str, body: &str) {
    for status in [500, 502, 503, 504] {
        text.line(format_args!(
            "http-error status {status} content-type {media_type} string '{body}' hdr Retry-After {RETRY_AFTER} hdr Cache-Control no-store"
        ));
    }
    text.line("http-after-response set-status 503 if { status 500 502 504 }");
}

/// The longest lists take several lines, which are one list.
fn addresses(text: &mut Text, name: &str, set: &IpSet) {
    let prefixes: Vec<_> = set.prefixes().map(|prefix| prefix.to_string()).collect();
    for some in prefixes.chunks(PER_LINE) {
        text.line(format_args!("acl {name} src {}", some.join(" ")));
    }
}

fn forwarding(text: &mut Text, hand_over: HandOver, scheme: &str) {
    for name in FORGEABLE {
        text.line(format_args!("http-request del-header {name}"));
    }
    match hand_over {
        HandOver::Header(Header::XForwardedFor) => {
            text.line("http-request set-header X-Forwarded-For %[src]");
        }
        HandOver::Header(Header::Forwarded) => {
            text.line("http-request set-header Forwarded 'for=\"[%[src]]\"' if { src -m sub : }");
            text.line("http-request set-header Forwarded for=%[src] if !{ src -m sub : }");
        }
        HandOver::Proxy(_) => {}
    }
    text.line(format_args!(
        "http-request set-header X-Forwarded-Proto {scheme}"
    ));
}

fn nodes(text: &mut Text, gateway: &Gateway, edge: &Edge) {
    text.line("option httpchk");
    text.line(format_args!(
        "http-check send meth GET uri {READY} ver HTTP/1.1 hdr Host {}",
        edge.server_name
    ));
    text.line("http-check expect status 200");
    // Health checks and connections that wait for their end need room too.
    let most = (gateway.max_connections * 3 / 4).max(1);
    text.line(format_args!(
        "default-server check inter 2s fastinter 500ms downinter 1s rise 2 fall 2 maxconn {most}{}",
        match gateway.hand_over {
            HandOver::Header(_) => "",
            HandOver::Proxy(Version::V1) => " send-proxy check-send-proxy",
            HandOver::Proxy(Version::V2) => " send-proxy-v2 check-send-proxy",
        }
    ));
    for (number, node) in (1..).zip(&edge.nodes) {
        text.line(format_args!("server node{number} {node}"));
    }
}

fn quoted(expression: &str) -> String {
    format!("'{expression}'")
}
