//! Terraform and `OpenTofu`: a file of variables; which resource they go into is up to the module.

use super::{File, one, request::Job};
use crate::Prefix;

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let name = job.id.replace('-', "_");
    let mut text = job.head("# ");
    push!(text, "{name}_port = {}\n", job.port);
    push!(text, "{name}_list_sha256 = \"{}\"\n", job.checksum());
    for (digit, prefixes) in job.now.families() {
        let line = |prefix: &Prefix| format!("  \"{prefix}\",\n");
        let entries: String = prefixes.iter().map(line).collect();
        push!(text, "{name}_allowed_ipv{digit} = [\n{entries}]\n");
    }
    one(format!("{}.auto.tfvars", job.id), text)
}
