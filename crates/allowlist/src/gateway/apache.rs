//! Apache httpd, as a file of virtual hosts. A request that had reached a node is not sent to
//! another one; the client comes back after 503.

use super::{
    Crowd, Edge, Gateway, Scim, Tls,
    rules::{
        CIPHERS, CONNECT_SECONDS, CROWD_DOWN, CROWD_HEADER, CROWD_MAX_BODY, CROWD_SECONDS,
        CROWD_TARGET, CROWD_TYPE, CROWD_VERSION, FORGEABLE, HEALTH, ODD_TARGET, READY, RETRY_AFTER,
        SCIM_DOWN, SCIM_SECONDS, SCIM_TYPE, tenant_target,
    },
    text::Text,
};
use crate::IpSet;

/// Networks on one line.
const PER_LINE: usize = 100;

/// One of the two routes, as far as they are alike.
struct Route<'a> {
    balancer: &'static str,
    edge: &'a Edge,
    tls: Option<&'a Tls>,
    targets: Vec<String>,
    roots: &'static [&'static str],
    seconds: u32,
    max_body: usize,
    down: &'static str,
    media_type: &'static str,
}

pub(super) fn print(gateway: &Gateway) -> String {
    let mut text = Text::new("    ");
    text.line("ProxyHCExpr provost_ready {%{REQUEST_STATUS} =~ /^200/}");
    let scim = Route {
        balancer: "provost_scim",
        edge: &gateway.scim.edge,
        tls: Some(&gateway.scim.tls),
        targets: gateway
            .scim
            .tenants
            .iter()
            .map(|t| tenant_target(&t.slug))
            .collect(),
        roots: &["/scim/"],
        seconds: SCIM_SECONDS,
        max_body: gateway.max_body,
        down: SCIM_DOWN,
        media_type: SCIM_TYPE,
    };
    host(&mut text, &scim, |text| tenants(text, &gateway.scim));
    if let Some(crowd) = &gateway.crowd {
        let route = Route {
            balancer: "provost_crowd",
            edge: &crowd.edge,
            tls: crowd.tls.as_ref(),
            targets: vec![CROWD_TARGET.to_owned()],
            roots: &["/crowd/", "/rest/"],
            seconds: CROWD_SECONDS,
            max_body: CROWD_MAX_BODY,
            down: CROWD_DOWN,
            media_type: CROWD_TYPE,
        };
        host(&mut text, &route, |text| applications(text, crowd));
    }
    text.finish()
}

fn tenants(text: &mut Text, scim: &Scim) {
    for tenant in &scim.tenants {
        let slug = &tenant.slug;
        let head = format!("<LocationMatch \"^/scim/{slug}/v[12](/|$)\">");
        text.block(head, "</LocationMatch>", |text| {
            require(text, tenant.admits.as_ref());
        });
    }
}

fn applications(text: &mut Text, crowd: &Crowd) {
    let head = "<LocationMatch \"^/(crowd/)?rest/\">";
    text.block(head, "</LocationMatch>", |text| {
        require(text, crowd.admits.as_ref());
    });
    text.line("# Applications refuse an answer without this header; nodes send it themselves.");
    text.line(format_args!(
        "Header always set {CROWD_HEADER} {CROWD_VERSION} \"expr=-z resp('{CROWD_HEADER}')\""
    ));
}

fn require(text: &mut Text, set: Option<&IpSet>) {
    let Some(set) = set else {
        text.line("Require all granted");
        return;
    };
    let networks: Vec<_> = set.prefixes().map(|prefix| prefix.to_string()).collect();
    text.block("<RequireAny>", "</RequireAny>", |text| {
        for some in networks.chunks(PER_LINE) {
            text.line(format_args!("Require ip {}", some.join(" ")));
        }
    });
}

fn host(text: &mut Text, route: &Route<'_>, own: impl FnOnce(&mut Text)) {
    text.gap();
    balancer(text, route);
    let listen = listeners(route.edge);
    for address in &listen {
        text.line(format_args!("Listen {address}"));
    }
    let hosts: Vec<_> = listen
        .iter()
        .map(|address| {
            if address.contains(':') {
                address.clone()
            } else {
                format!("*:{address}")
            }
        })
        .collect();
    text.block(
        format_args!("<VirtualHost {}>", hosts.join(" ")),
        "</VirtualHost>",
        |text| {
            text.line(format_args!("ServerName {}", route.edge.server_name));
            if let Some(tls) = route.tls {
                encryption(text, tls);
            }
            limits(text, route);
            forwarding(text, route);
            paths(text, route);
            own(text);
            down(text, route);
        },
    );
}

/// Addresses to listen on. All of IPv4 and all of IPv6 are one socket to Apache, and would clash.
fn listeners(edge: &Edge) -> Vec<String> {
    let mut all: Vec<_> = edge
        .listen
        .iter()
        .map(|address| {
            if address.ip().is_unspecified() {
                address.port().to_string()
            } else {
                address.to_string()
            }
        })
        .collect();
    all.dedup();
    all
}

fn balancer(text: &mut Text, route: &Route<'_>) {
    let head = format!("<Proxy \"balancer://{}\">", route.balancer);
    text.block(head, "</Proxy>", |text| {
        for node in &route.edge.nodes {
            text.line(format_args!(
                "BalancerMember \"http://{node}\" retry=2 connectiontimeout={CONNECT_SECONDS} timeout={} ttl=60 \
                 hcmethod=GET hcuri={READY} hcinterval=2 hcpasses=2 hcfails=2 hcexpr=provost_ready",
                route.seconds
            ));
        }
        text.line("ProxySet lbmethod=bybusyness");
        text.line("Require all granted");
    });
}

fn encryption(text: &mut Text, tls: &Tls) {
    text.line("SSLEngine on");
    text.line(format_args!("SSLCertificateFile {}", tls.certificate));
    text.line(format_args!("SSLCertificateKeyFile {}", tls.key()));
    text.line("SSLProtocol -all +TLSv1.2 +TLSv1.3");
    text.line(format_args!("SSLCipherSuite {CIPHERS}"));
    text.line("SSLSessionTickets off");
}

fn limits(text: &mut Text, route: &Route<'_>) {
    text.line("# Without the query, because filters name people.");
    text.line("CustomLog ${APACHE_LOG_DIR}/provost.log \"%a %t \\\"%m %U\\\" %>s %B %D\"");
    text.line("TraceEnable off");
    text.line("KeepAlive On");
    text.line("KeepAliveTimeout 65");
    text.line("MaxKeepAliveRequests 0");
    text.line("LimitRequestLine 16384");
    text.line("LimitRequestFieldSize 16384");
    text.line(format_args!("LimitRequestBody {}", route.max_body));
    text.line("RequestReadTimeout header=10-20,MinRate=500 body=15,MinRate=500");
}

fn forwarding(text: &mut Text, route: &Route<'_>) {
    text.line("ProxyRequests Off");
    text.line("ProxyPreserveHost On");
    text.line("AllowEncodedSlashes NoDecode");
    text.line("# X-Forwarded-For is written anew by Apache itself.");
    for name in FORGEABLE {
        text.line(format_args!("RequestHeader unset {name} early"));
    }
    let scheme = if route.tls.is_some() { "https" } else { "http" };
    text.line(format_args!(
        "RequestHeader set X-Forwarded-Proto {scheme} early"
    ));
}

/// What is served is decided on the target as it was sent, before anything is decoded.
fn paths(text: &mut Text, route: &Route<'_>) {
    let sent = |target: &str| target.trim_start_matches('^').replace(r"\?|$", r"\?|\x20");
    text.line("RewriteEngine On");
    let odd = sent(ODD_TARGET).replace("[^?]*", "[^?\\x20]*");
    text.line(format_args!(
        "RewriteCond %{{THE_REQUEST}} \"^\\S+\\x20{odd}\""
    ));
    text.line("RewriteRule ^ - [R=400,L]");
    for target in &route.targets {
        let target = sent(target);
        text.line(format_args!(
            "RewriteCond %{{THE_REQUEST}} \"!^\\S+\\x20{target}\""
        ));
    }
    let health = HEALTH.join("|");
    text.line(format_args!(
        "RewriteCond %{{THE_REQUEST}} \"!^\\S+\\x20({health})(\\?|\\x20)\""
    ));
    text.line("RewriteRule ^ - [R=404,L]");
    text.block("<Location \"/\">", "</Location>", |text| {
        text.line("Require all denied");
    });
    for path in HEALTH {
        text.line(format_args!(
            "ProxyPass \"{path}\" \"balancer://{}{path}\"",
            route.balancer
        ));
        let head = format!("<Location \"{path}\">");
        text.block(head, "</Location>", |text| text.line("Require all granted"));
    }
    for root in route.roots {
        text.line(format_args!(
            "ProxyPass \"{root}\" \"balancer://{}{root}\" nocanon",
            route.balancer
        ));
    }
}

fn down(text: &mut Text, route: &Route<'_>) {
    let escaped = route.down.replace('"', "\\\"");
    for status in [500, 502, 503, 504] {
        text.line(format_args!("ErrorDocument {status} \"{escaped}\""));
    }
    let when = "expr=%{REQUEST_STATUS} in {'500','502','503','504'} && -z resp('Retry-After')";
    text.line(format_args!(
        "Header always set Content-Type {} \"{when}\"",
        route.media_type
    ));
    text.line(format_args!(
        "Header always set Retry-After {RETRY_AFTER} \"{when}\""
    ));
}
