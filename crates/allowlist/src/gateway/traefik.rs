//! Traefik: the dynamic configuration that its file provider reads. What belongs to the static one
//! stands in the comment on top.

use serde_json::{Map, Value, json};

use super::{
    Crowd, Edge, Gateway, Scim, document,
    rules::{
        CONNECT_SECONDS, CROWD_HEADER, CROWD_MAX_BODY, CROWD_SECONDS, CROWD_VERSION, FORGEABLE,
        HEALTH, READY, SCIM_SECONDS,
    },
};
use crate::IpSet;

/// The parts of the document, by their names.
#[derive(Default)]
struct Parts {
    routers: Map<String, Value>,
    middlewares: Map<String, Value>,
    services: Map<String, Value>,
    transports: Map<String, Value>,
    certificates: Vec<Value>,
}

pub(super) fn print(gateway: &Gateway) -> String {
    let mut parts = Parts::default();
    parts.scim(&gateway.scim, gateway.max_body);
    if let Some(crowd) = &gateway.crowd {
        parts.applications(crowd);
    }
    document::print(&json!({
        "http": {
            "routers": parts.routers,
            "middlewares": parts.middlewares,
            "services": parts.services,
            "serversTransports": parts.transports,
        },
        "tls": {
            "certificates": parts.certificates,
            "options": { "default": {
                "minVersion": "VersionTLS12",
                "alpnProtocols": ["http/1.1"],
            } },
        },
    }))
}

impl Parts {
    fn scim(&mut self, scim: &Scim, max_body: usize) {
        self.common(
            "provost-scim",
            &scim.edge,
            SCIM_SECONDS,
            max_body,
            &json!({}),
        );
        for tenant in &scim.tenants {
            let rule = format!("PathRegexp(`^/scim/{}/v[12](/|$)`)", tenant.slug);
            let name = format!("provost-scim-{}", tenant.slug);
            self.route("provost-scim", &name, &rule, tenant.admits.as_ref(), true);
        }
        self.health("provost-scim", true);
        self.certificates.push(certificate(&scim.tls));
    }

    fn applications(&mut self, crowd: &Crowd) {
        let service = "provost-crowd";
        // Applications refuse an answer without this header.
        let answers = json!({ CROWD_HEADER: CROWD_VERSION });
        self.common(
            service,
            &crowd.edge,
            CROWD_SECONDS,
            CROWD_MAX_BODY,
            &answers,
        );
        let rule = "PathRegexp(`^/(crowd/)?rest/usermanagement/(1|latest)(/|$)`)";
        let is_tls = crowd.tls.is_some();
        self.route(
            service,
            "provost-crowd-rest",
            rule,
            crowd.admits.as_ref(),
            is_tls,
        );
        self.health(service, is_tls);
        if let Some(tls) = &crowd.tls {
            self.certificates.push(certificate(tls));
        }
    }

    fn health(&mut self, service: &str, is_tls: bool) {
        let paths = HEALTH.map(|path| format!("Path(`{path}`)"));
        let name = format!("{service}-health");
        self.route(service, &name, &paths.join(" || "), None, is_tls);
    }

    fn route(
        &mut self,
        service: &str,
        name: &str,
        rule: &str,
        admits: Option<&IpSet>,
        is_tls: bool,
    ) {
        let mut used: Vec<_> = ["headers", "body", "retry"]
            .map(|part| format!("{service}-{part}"))
            .into();
        if let Some(set) = admits {
            let networks: Vec<_> = set.prefixes().map(|prefix| prefix.to_string()).collect();
            let addresses = format!("{name}-addresses");
            let list = json!({ "ipAllowList": { "sourceRange": networks } });
            self.middlewares.insert(addresses.clone(), list);
            // Behind the headers, which a refusal must have too.
            used.insert(1, addresses);
        }
        let mut router = json!({
            "rule": rule,
            "entryPoints": [service],
            "middlewares": used,
            "service": service,
        });
        if is_tls {
            router = document::with(router, "tls", json!({}));
        }
        self.routers.insert(name.to_owned(), router);
    }

    /// The service, its health check, and what every one of its routers uses.
    fn common(
        &mut self,
        service: &str,
        edge: &Edge,
        seconds: u32,
        max_body: usize,
        answers: &Value,
    ) {
        let removed = FORGEABLE.iter().filter(|name| !is_traefiks_own(name));
        let removed: Map<_, _> = removed
            .map(|name| ((*name).to_owned(), json!("")))
            .collect();
        let middlewares = [
            (
                "headers",
                json!({ "headers": { "customRequestHeaders": removed, "customResponseHeaders": answers } }),
            ),
            (
                "body",
                json!({ "buffering": { "maxRequestBodyBytes": max_body } }),
            ),
            (
                "retry",
                json!({ "retry": {
                    "attempts": 3,
                    "initialInterval": "100ms",
                    "maxRequestBodyBytes": max_body,
                    "retryNonIdempotentMethod": true,
                    "status": ["502-504"],
                } }),
            ),
        ];
        for (part, middleware) in middlewares {
            self.middlewares
                .insert(format!("{service}-{part}"), middleware);
        }
        let nodes: Vec<_> = edge
            .nodes
            .iter()
            .map(|node| json!({ "url": format!("http://{node}") }))
            .collect();
        let balancer = json!({ "loadBalancer": {
            "servers": nodes,
            "serversTransport": service,
            "healthCheck": { "path": READY, "interval": "2s", "timeout": "1s" },
        } });
        self.services.insert(service.to_owned(), balancer);
        let transport = json!({ "forwardingTimeouts": {
            "dialTimeout": format!("{CONNECT_SECONDS}s"),
            "responseHeaderTimeout": format!("{seconds}s"),
            "idleConnTimeout": "60s",
        } });
        self.transports.insert(service.to_owned(), transport);
    }
}

/// What Traefik removes and writes itself for clients that its entry point does not trust.
fn is_traefiks_own(name: &str) -> bool {
    name.starts_with("X-Forwarded-") || name == "X-Real-IP"
}

fn certificate(tls: &super::Tls) -> Value {
    json!({ "certFile": tls.certificate.as_str(), "keyFile": tls.key().as_str() })
}

/// The part of the static configuration, as comments.
pub(super) fn static_part(gateway: &Gateway) -> Vec<String> {
    let mut lines = vec![
        "The static configuration (traefik.yml) must have:".to_owned(),
        "  entryPoints:".to_owned(),
    ];
    let edges = [
        ("provost-scim", Some(&gateway.scim.edge)),
        (
            "provost-crowd",
            gateway.crowd.as_ref().map(|crowd| &crowd.edge),
        ),
    ];
    for (name, edge) in edges {
        for address in edge.iter().flat_map(|edge| &edge.listen).take(1) {
            lines.push(format!("    {name}: {{ address: \"{address}\", transport: {{ respondingTimeouts: {{ readTimeout: 30s, idleTimeout: 65s }} }} }}"));
        }
    }
    lines.push("  providers: { file: { filename: THIS-FILE } }".to_owned());
    lines.push(
        "and no forwardedHeaders for these entry points: what clients claim must not be trusted."
            .to_owned(),
    );
    lines
}
