//! Azure: an ARM template with one rule per family in a network security group that exists. The
//! service replaces each rule as a whole.

use serde::Serialize;
use serde_json::{Value, json};

use super::{File, lists::pretty, one, request::Job};
use crate::Prefix;

/// What a rule without networks names, because it cannot name none: addresses that nobody has
/// (RFC 5737, RFC 6666), and they are refused.
const NOBODY: [&str; 2] = ["192.0.2.0/24", "100::/64"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    #[serde(rename = "$schema")]
    schema: &'static str,
    content_version: &'static str,
    metadata: Metadata,
    parameters: Value,
    resources: Vec<Rule>,
}

#[derive(Serialize)]
struct Metadata {
    comments: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(rename = "type")]
    kind: &'static str,
    api_version: &'static str,
    name: String,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    priority: u16,
    direction: &'static str,
    access: &'static str,
    protocol: &'static str,
    source_address_prefixes: Vec<String>,
    source_port_range: &'static str,
    destination_address_prefix: &'static str,
    destination_port_range: String,
}

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let families = job.now.families().into_iter().zip([200, 201]).zip(NOBODY);
    let rule =
        |(((digit, prefixes), priority), nobody)| rule(job, digit, prefixes, priority, nobody);
    let template = Template {
        schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        content_version: "1.0.0.0",
        metadata: Metadata {
            comments: job.head_lines(),
        },
        parameters: json!({ "nsg": { "type": "string" } }),
        resources: families.map(rule).collect(),
    };
    one(format!("{}.json", job.id), pretty(&template))
}

/// Both rules are always written: one that is left out would stay as it was.
fn rule(job: &Job<'_>, digit: &str, prefixes: &[Prefix], priority: u16, nobody: &str) -> Rule {
    let (access, sources) = if prefixes.is_empty() {
        ("Deny", vec![nobody.to_owned()])
    } else {
        ("Allow", prefixes.iter().map(Prefix::to_string).collect())
    };
    Rule {
        kind: "Microsoft.Network/networkSecurityGroups/securityRules",
        api_version: "2023-09-01",
        name: format!("[concat(parameters('nsg'), '/{}-v{digit}')]", job.id),
        properties: Properties {
            priority,
            direction: "Inbound",
            access,
            protocol: "Tcp",
            source_address_prefixes: sources,
            source_port_range: "*",
            destination_address_prefix: "*",
            destination_port_range: job.port.to_string(),
        },
    }
}
