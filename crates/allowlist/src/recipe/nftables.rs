//! nftables: a table with two sets and one chain, replaced as a whole in one transaction, or the
//! elements that changed. It keeps no state, so that connections of listed addresses live on.

use super::{
    File, one,
    request::{Difference, Job},
};
use crate::Prefix;

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let content = match &job.difference {
        Some(difference) => elements(job, difference),
        None => table(job),
    };
    one(format!("{}.nft", job.id), content)
}

fn table(job: &Job<'_>) -> String {
    let (id, port) = (job.id, job.port);
    let mut text = format!(
        "#!/usr/sbin/nft -f\n{}\ntable inet {id}\ndelete table inet {id}\ntable inet {id} {{\n",
        job.head("# ")
    );
    for (family, prefixes) in job.now.families() {
        let kind = if family == "4" {
            "ipv4_addr"
        } else {
            "ipv6_addr"
        };
        push!(
            text,
            "\tset allowed{family} {{\n\t\ttype {kind}\n\t\tflags interval\n"
        );
        if !prefixes.is_empty() {
            push!(
                text,
                "\t\telements = {{\n{}\t\t}}\n",
                listed("\t\t\t", prefixes)
            );
        }
        text += "\t}\n";
    }
    push!(
        text,
        "\tchain input {{
\t\ttype filter hook input priority filter; policy accept;
\t\ttcp dport {port} jump scim
\t}}
\tchain scim {{
\t\tiif \"lo\" accept
\t\tip saddr @allowed4 counter accept
\t\tip6 saddr @allowed6 counter accept
\t\tcounter reject with tcp reset
\t}}
}}
"
    );
    text
}

/// Removals come first: within one transaction nobody sees the time between, and intervals of a
/// set must not overlap.
fn elements(job: &Job<'_>, difference: &Difference) -> String {
    let mut text = job.head("# ");
    text += "# Changes the sets of the whole output, which must be loaded; refused as a whole if they differ from the last list.\n";
    for (verb, lists) in [("delete", &difference.removed), ("add", &difference.added)] {
        for (family, prefixes) in lists.families() {
            if !prefixes.is_empty() {
                let (id, list) = (job.id, listed("\t", prefixes));
                push!(
                    text,
                    "{verb} element inet {id} allowed{family} {{\n{list}}}\n"
                );
            }
        }
    }
    text
}

fn listed(indent: &str, prefixes: &[Prefix]) -> String {
    let line = |prefix: &Prefix| format!("{indent}{prefix},\n");
    prefixes.iter().map(line).collect()
}
