//! nginx. Open-source nginx has no active health checks: a node that fails a request is left out
//! for two seconds, and the request goes to the next one.

use super::{
    Crowd, Edge, Gateway, HandOver, Scim, Tls,
    rules::{
        CIPHERS, CONNECT_SECONDS, CROWD_DOWN, CROWD_HEADER, CROWD_MAX_BODY, CROWD_SECONDS,
        CROWD_TARGET, CROWD_TYPE, CROWD_VERSION, FORGEABLE, HEALTH, ODD_TARGET, RETRY_AFTER,
        SCIM_DOWN, SCIM_SECONDS, SCIM_TYPE, tenant_target,
    },
    text::Text,
};
use crate::{IpSet, client::Header};

/// One of the two routes, as far as they are alike.
struct Route<'a> {
    upstream: &'static str,
    edge: &'a Edge,
    tls: Option<&'a Tls>,
    seconds: u32,
    down: &'static str,
    media_type: &'static str,
    max_body: usize,
}

pub(super) fn print(gateway: &Gateway) -> String {
    let mut text = Text::new("    ");
    text.line("worker_processes auto;");
    text.line("events { worker_connections 4096; }");
    text.gap();
    text.block("http {", "}", |text| {
        shared(text, gateway);
        maps(text, &gateway.scim);
        scim(text, gateway);
        if let Some(crowd) = &gateway.crowd {
            applications(text, gateway, crowd);
        }
    });
    text.finish()
}

fn shared(text: &mut Text, gateway: &Gateway) {
    text.line("server_tokens off;");
    text.line("# Without the query, because filters name people.");
    text.line("log_format provost '$remote_addr [$time_iso8601] \"$request_method $uri\" $status $body_bytes_sent '");
    text.line("                   '$request_time $upstream_addr $upstream_status';");
    text.gap();
    text.block("map $request_uri $provost_odd {", "}", |text| {
        text.line("default 0;");
        text.line(format_args!("\"~{ODD_TARGET}\" 1;"));
    });
    if let HandOver::Header(Header::Forwarded) = gateway.hand_over {
        text.block("map $remote_addr $provost_forwarded {", "}", |text| {
            text.line("default \"for=$remote_addr\";");
            text.line("~: 'for=\"[$remote_addr]\"';");
        });
    }
}

/// Which tenant a request is for, and whether its client may use it.
fn maps(text: &mut Text, scim: &Scim) {
    text.block("map $request_uri $provost_tenant {", "}", |text| {
        text.line("default \"\";");
        for tenant in &scim.tenants {
            let target = tenant_target(&tenant.slug);
            text.line(format_args!("\"~{target}\" {};", tenant.slug));
        }
    });
    for tenant in &scim.tenants {
        if let Some(set) = &tenant.admits {
            addresses(text, &format!("from_{}", tenant.slug.identifier()), set);
        }
    }
    text.block("map $provost_tenant $provost_admitted {", "}", |text| {
        text.line("default 0;");
        for tenant in &scim.tenants {
            match &tenant.admits {
                Some(_) => text.line(format_args!(
                    "{} $provost_from_{};",
                    tenant.slug,
                    tenant.slug.identifier()
                )),
                None => text.line(format_args!("{} 1;", tenant.slug)),
            }
        }
    });
}

fn addresses(text: &mut Text, name: &str, set: &IpSet) {
    text.block(
        format_args!("geo $remote_addr $provost_{name} {{"),
        "}",
        |text| {
            text.line("default 0;");
            text.lines(set.prefixes().map(|prefix| format!("{prefix} 1;")));
        },
    );
}

fn upstream(text: &mut Text, name: &str, edge: &Edge, balance: &str) {
    text.block(format_args!("upstream {name} {{"), "}", |text| {
        text.line(format_args!("zone {name} 128k;"));
        text.line(balance);
        for node in &edge.nodes {
            text.line(format_args!("server {node} max_fails=1 fail_timeout=2s;"));
        }
        text.line("keepalive 32;");
    });
}

fn scim(text: &mut Text, gateway: &Gateway) {
    let scim = &gateway.scim;
    let route = Route {
        upstream: "provost_scim",
        edge: &scim.edge,
        tls: Some(&scim.tls),
        seconds: SCIM_SECONDS,
        down: SCIM_DOWN,
        media_type: SCIM_TYPE,
        max_body: gateway.max_body,
    };
    text.gap();
    upstream(text, route.upstream, &scim.edge, "least_conn;");
    text.block("server {", "}", |text| {
        server(text, gateway, &route);
        text.block("location / {", "}", |text| {
            text.line("if ($provost_tenant = \"\") { return 404; }");
            text.line("if ($provost_admitted = 0) { return 403; }");
            text.line(format_args!("proxy_pass http://{};", route.upstream));
        });
    });
}

fn applications(text: &mut Text, gateway: &Gateway, crowd: &Crowd) {
    let route = Route {
        upstream: "provost_crowd",
        edge: &crowd.edge,
        tls: crowd.tls.as_ref(),
        seconds: CROWD_SECONDS,
        down: CROWD_DOWN,
        media_type: CROWD_TYPE,
        max_body: CROWD_MAX_BODY,
    };
    text.gap();
    text.block("map $request_uri $provost_is_crowd {", "}", |text| {
        text.line("default 0;");
        text.line(format_args!("\"~{CROWD_TARGET}\" 1;"));
    });
    text.line("# Applications refuse an answer without this header; nodes send it themselves.");
    text.block(
        "map $upstream_http_x_embedded_crowd_version $provost_crowd_version {",
        "}",
        |text| {
            text.line("default \"\";");
            text.line(format_args!("\"\" {CROWD_VERSION};"));
        },
    );
    if let Some(set) = &crowd.admits {
        addresses(text, "from_applications", set);
    }
    upstream(
        text,
        route.upstream,
        &crowd.edge,
        "hash $remote_addr consistent;",
    );
    text.block("server {", "}", |text| {
        text.line(format_args!(
            "add_header {CROWD_HEADER} $provost_crowd_version always;"
        ));
        server(text, gateway, &route);
        text.block("location / {", "}", |text| {
            text.line("if ($provost_is_crowd = 0) { return 404; }");
            if crowd.admits.is_some() {
                text.line("if ($provost_from_applications = 0) { return 403; }");
            }
            text.line("proxy_buffering off;");
            text.line(format_args!("proxy_pass http://{};", route.upstream));
        });
    });
}

/// What both servers say: listeners, TLS, limits, headers, retries, health and the answer when
/// all nodes are down.
fn server(text: &mut Text, gateway: &Gateway, route: &Route<'_>) {
    let ssl = if route.tls.is_some() { " ssl" } else { "" };
    for address in &route.edge.listen {
        text.line(format_args!("listen {address}{ssl};"));
    }
    text.line(format_args!("server_name {};", route.edge.server_name));
    if let Some(tls) = route.tls {
        encryption(text, tls);
    }
    text.line("access_log /var/log/nginx/provost.log provost;");
    text.gap();
    limits(text, route);
    text.gap();
    forwarding(text, gateway);
    text.gap();
    text.line(
        "# Requests are replay-safe, so that every method goes to the next node when one is lost.",
    );
    text.line("proxy_next_upstream error timeout invalid_header http_502 http_503 http_504 non_idempotent;");
    text.line("proxy_next_upstream_tries 3;");
    text.line("proxy_next_upstream_timeout 40s;");
    text.gap();
    text.line("if ($provost_odd) { return 400; }");
    for path in HEALTH {
        text.line(format_args!(
            "location = {path} {{ proxy_pass http://{}; }}",
            route.upstream
        ));
    }
    down(text, route);
}

fn encryption(text: &mut Text, tls: &Tls) {
    text.line(format_args!("ssl_certificate {};", tls.certificate));
    text.line(format_args!("ssl_certificate_key {};", tls.key()));
    text.line("ssl_protocols TLSv1.2 TLSv1.3;");
    text.line(format_args!("ssl_ciphers {CIPHERS};"));
    text.line("ssl_session_cache shared:provost:10m;");
    text.line("ssl_session_tickets off;");
}

fn limits(text: &mut Text, route: &Route<'_>) {
    text.line(format_args!("client_max_body_size {};", route.max_body));
    text.line("client_body_buffer_size 128k;");
    text.line("large_client_header_buffers 4 16k;");
    text.line("client_header_timeout 10s;");
    text.line("client_body_timeout 15s;");
    text.line("send_timeout 30s;");
    text.line("keepalive_timeout 65s;");
    text.line(format_args!("proxy_connect_timeout {CONNECT_SECONDS}s;"));
    text.line("proxy_send_timeout 15s;");
    text.line(format_args!("proxy_read_timeout {}s;", route.seconds));
}

fn forwarding(text: &mut Text, gateway: &Gateway) {
    text.line("proxy_http_version 1.1;");
    text.line("proxy_set_header Connection \"\";");
    text.line("proxy_set_header Host $host;");
    for name in FORGEABLE {
        let value = match (gateway.hand_over, *name) {
            (HandOver::Header(Header::XForwardedFor), "X-Forwarded-For") => "$remote_addr",
            (HandOver::Header(Header::Forwarded), "Forwarded") => "$provost_forwarded",
            _ => "\"\"",
        };
        text.line(format_args!("proxy_set_header {name} {value};"));
    }
    text.line("proxy_set_header X-Forwarded-Proto $scheme;");
}

fn down(text: &mut Text, route: &Route<'_>) {
    text.line("error_page 500 502 504 =503 @provost_down;");
    text.block("location @provost_down {", "}", |text| {
        text.line(format_args!("default_type {};", route.media_type));
        text.line(format_args!("add_header Retry-After {RETRY_AFTER} always;"));
        if route.media_type == CROWD_TYPE {
            text.line(format_args!(
                "add_header {CROWD_HEADER} {CROWD_VERSION} always;"
            ));
        }
        text.line(format_args!("return 503 '{}';", route.down));
    });
}
