//! Kubernetes: a `NetworkPolicy`. A pod that a policy selects is closed except for what a policy
//! opens, so that this one also opens every other port, as it was before.

use super::{File, one, request::Job};

/// The highest port.
const MAX_PORT: u32 = 65_535;

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let (id, port, head) = (job.id, job.port, job.head("# "));
    let block = |prefix| format!("        - ipBlock:\n            cidr: {prefix}\n");
    let blocks: String = job.now.all().map(block).collect();
    let others = others(port);
    let content = format!(
        "{head}# Other ports of the pods stay as they were. Set podSelector to the labels of your pods.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {id}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: provost
  policyTypes:
    - Ingress
  ingress:
    - from:
{blocks}      ports:
        - protocol: TCP
          port: {port}
    - ports:
{others}"
    );
    one(format!("{id}.yaml"), content)
}

/// Every port but one.
fn others(port: u16) -> String {
    let port = u32::from(port);
    let ranges = [
        ("TCP", 1, port - 1),
        ("TCP", port + 1, MAX_PORT),
        ("UDP", 1, MAX_PORT),
        ("SCTP", 1, MAX_PORT),
    ];
    let mut text = String::new();
    for (protocol, first, last) in ranges {
        if first <= last {
            push!(
                text,
                "        - protocol: {protocol}\n          port: {first}\n"
            );
            push!(text, "          endPort: {last}\n");
        }
    }
    text
}
