//! Envoy, as a bootstrap document of static resources.

use serde_json::{Value, json};

use super::{
    Crowd, Edge, Gateway, Scim, Tls, document,
    rules::{
        CONNECT_SECONDS, CROWD_DOWN, CROWD_HEADER, CROWD_MAX_BODY, CROWD_SECONDS, CROWD_TYPE,
        CROWD_VERSION, FORGEABLE, HEALTH, READY, RETRY_AFTER, SCIM_DOWN, SCIM_SECONDS, SCIM_TYPE,
    },
};
use crate::IpSet;

const TYPE: &str = "type.googleapis.com/envoy.extensions";

/// One of the two routes.
struct Route<'a> {
    name: &'static str,
    edge: &'a Edge,
    tls: Option<&'a Tls>,
    /// The paths that are served, each with those who may ask for it.
    paths: Vec<(String, Option<&'a IpSet>)>,
    balance: &'static str,
    seconds: u32,
    max_body: usize,
    down: &'static str,
    media_type: &'static str,
}

pub(super) fn print(gateway: &Gateway) -> String {
    let mut routes = vec![scim(&gateway.scim, gateway.max_body)];
    routes.extend(gateway.crowd.as_ref().map(applications));
    let listeners: Vec<_> = routes.iter().flat_map(listeners).collect();
    let clusters: Vec<_> = routes.iter().map(cluster).collect();
    document::print(&json!({
        "static_resources": { "listeners": listeners, "clusters": clusters },
    }))
}

fn scim(scim: &Scim, max_body: usize) -> Route<'_> {
    let paths = scim.tenants.iter().map(|tenant| {
        let path = format!("/scim/{}/v[12](/.*)?", tenant.slug);
        (path, tenant.admits.as_ref())
    });
    Route {
        name: "provost_scim",
        edge: &scim.edge,
        tls: Some(&scim.tls),
        paths: paths.collect(),
        balance: "LEAST_REQUEST",
        seconds: SCIM_SECONDS,
        max_body,
        down: SCIM_DOWN,
        media_type: SCIM_TYPE,
    }
}

fn applications(crowd: &Crowd) -> Route<'_> {
    let path = "/(crowd/)?rest/usermanagement/(1|latest)(/.*)?".to_owned();
    Route {
        name: "provost_crowd",
        edge: &crowd.edge,
        tls: crowd.tls.as_ref(),
        paths: vec![(path, crowd.admits.as_ref())],
        balance: "MAGLEV",
        seconds: CROWD_SECONDS,
        max_body: CROWD_MAX_BODY,
        down: CROWD_DOWN,
        media_type: CROWD_TYPE,
    }
}

fn address(ip: &impl ToString, port: u16) -> Value {
    json!({ "socket_address": { "address": ip.to_string(), "port_value": port } })
}

fn listeners<'a>(route: &'a Route<'_>) -> impl Iterator<Item = Value> + 'a {
    (1..).zip(&route.edge.listen).map(move |(number, listen)| {
        let mut chain = json!({ "filters": [manager(route)] });
        if let Some(tls) = route.tls {
            chain = document::with(chain, "transport_socket", encryption(tls));
        }
        json!({
            "name": format!("{}_{number}", route.name),
            "address": address(&listen.ip(), listen.port()),
            "per_connection_buffer_limit_bytes": route.max_body + 65_536,
            "filter_chains": [chain],
        })
    })
}

fn encryption(tls: &Tls) -> Value {
    json!({
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": format!("{TYPE}.transport_sockets.tls.v3.DownstreamTlsContext"),
            "common_tls_context": {
                "alpn_protocols": ["http/1.1"],
                "tls_params": { "tls_minimum_protocol_version": "TLSv1_2" },
                "tls_certificates": [{
                    "certificate_chain": { "filename": tls.certificate.as_str() },
                    "private_key": { "filename": tls.key().as_str() },
                }],
            },
        },
    })
}

fn manager(route: &Route<'_>) -> Value {
    json!({
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": format!("{TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": route.name,
            "codec_type": "HTTP1",
            "use_remote_address": true,
            "skip_xff_append": true,
            "normalize_path": true,
            "merge_slashes": false,
            "path_with_escaped_slashes_action": "REJECT_REQUEST",
            "max_request_headers_kb": 64,
            "request_headers_timeout": "10s",
            "request_timeout": "30s",
            "stream_idle_timeout": "65s",
            "common_http_protocol_options": {
                "idle_timeout": "65s",
                "headers_with_underscores_action": "DROP_HEADER",
            },
            "local_reply_config": local_replies(route),
            "route_config": routes(route),
            "http_filters": filters(route),
        },
    })
}

/// What Envoy answers itself; answers of the nodes pass as they are.
fn local_replies(route: &Route<'_>) -> Value {
    let mut headers = vec![header("Retry-After", &RETRY_AFTER.to_string())];
    if route.media_type == CROWD_TYPE {
        headers.push(header(CROWD_HEADER, CROWD_VERSION));
    }
    let down = json!({
        "filter": { "status_code_filter": { "comparison": {
            "op": "GE",
            "value": { "default_value": 500, "runtime_key": "provost_down" },
        } } },
        "status_code": 503,
        "headers_to_add": headers,
        "body_format_override": {
            "text_format_source": { "inline_string": route.down.replace('%', "%%") },
            "content_type": route.media_type,
        },
    });
    let mut mappers = vec![down];
    if route.media_type == CROWD_TYPE {
        mappers.push(json!({
            "filter": { "status_code_filter": { "comparison": {
                "op": "GE",
                "value": { "default_value": 400, "runtime_key": "provost_refused" },
            } } },
            "headers_to_add": [header(CROWD_HEADER, CROWD_VERSION)],
        }));
    }
    json!({ "mappers": mappers })
}

fn header(name: &str, value: &str) -> Value {
    json!({
        "header": { "key": name, "value": value },
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    })
}

fn routes(route: &Route<'_>) -> Value {
    let to_node = json!({
        "cluster": route.name,
        "timeout": "55s",
        "retry_policy": {
            "retry_on": "5xx,reset,connect-failure,refused-stream",
            "num_retries": 2,
            "per_try_timeout": format!("{}s", route.seconds),
            "retry_host_predicate": [{
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": format!("{TYPE}.retry.host.previous_hosts.v3.PreviousHostsPredicate"),
                },
            }],
            "host_selection_retry_max_attempts": 5,
        },
    });
    let health = HEALTH.map(|path| json!({ "match": { "path": path }, "route": to_node.clone() }));
    let mut all: Vec<_> = health.into();
    for (path, _) in &route.paths {
        all.push(json!({
            "match": { "safe_regex": { "regex": path } },
            "route": to_node.clone(),
        }));
    }
    let removed: Vec<_> = FORGEABLE
        .iter()
        .filter(|name| **name != "X-Forwarded-For")
        .collect();
    json!({
        "virtual_hosts": [{ "name": route.name, "domains": ["*"], "routes": all }],
        "request_headers_to_remove": removed,
        "request_headers_to_add": [
            header("X-Forwarded-For", "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"),
        ],
    })
}

fn filters(route: &Route<'_>) -> Value {
    let mut policies = serde_json::Map::new();
    for (number, (path, admits)) in route.paths.iter().enumerate() {
        let Some(set) = admits else { continue };
        let listed: Vec<_> = set
            .prefixes()
            .map(|prefix| {
                json!({ "direct_remote_ip": {
            "address_prefix": prefix.address().to_string(),
            "prefix_len": prefix.length(),
        } })
            })
            .collect();
        policies.insert(
            format!("strangers_{number}"),
            json!({
                "permissions": [{ "url_path": { "path": { "safe_regex": { "regex": path } } } }],
                "principals": [{ "not_id": { "or_ids": { "ids": listed } } }],
            }),
        );
    }
    json!([
        {
            "name": "envoy.filters.http.rbac",
            "typed_config": {
                "@type": format!("{TYPE}.filters.http.rbac.v3.RBAC"),
                "rules": { "action": "DENY", "policies": policies },
            },
        },
        {
            "name": "envoy.filters.http.buffer",
            "typed_config": {
                "@type": format!("{TYPE}.filters.http.buffer.v3.Buffer"),
                "max_request_bytes": route.max_body,
            },
        },
        {
            "name": "envoy.filters.http.router",
            "typed_config": { "@type": format!("{TYPE}.filters.http.router.v3.Router") },
        },
    ])
}

fn cluster(route: &Route<'_>) -> Value {
    let nodes = &route.edge.nodes;
    let by_address = nodes.iter().all(|node| node.host.address().is_some());
    let endpoints: Vec<_> = nodes
        .iter()
        .map(|node| {
            let host = node
                .host
                .address()
                .map_or_else(|| node.host.to_string(), |ip| ip.to_string());
            json!({ "endpoint": { "address": address(&host, node.port) } })
        })
        .collect();
    json!({
        "name": route.name,
        "type": if by_address { "STATIC" } else { "STRICT_DNS" },
        "connect_timeout": format!("{CONNECT_SECONDS}s"),
        "lb_policy": route.balance,
        // With all nodes down, requests are answered 503 and not sent at random.
        "common_lb_config": { "healthy_panic_threshold": { "value": 0 } },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": format!("{TYPE}.upstreams.http.v3.HttpProtocolOptions"),
                "explicit_http_config": { "http_protocol_options": {} },
                "common_http_protocol_options": { "idle_timeout": "60s" },
            },
        },
        "health_checks": [{
            "timeout": "1s",
            "interval": "2s",
            "unhealthy_threshold": 2,
            "healthy_threshold": 2,
            "http_health_check": { "path": READY },
        }],
        "load_assignment": {
            "cluster_name": route.name,
            "endpoints": [{ "lb_endpoints": endpoints }],
        },
    })
}
