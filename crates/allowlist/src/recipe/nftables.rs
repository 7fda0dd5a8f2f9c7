//! nftables: a table with two sets, filled anew in one transaction, or the elements that changed.
//! It keeps no state, so that connections of listed addresses live on.

use super::{
    File, one,
    request::{Difference, Job, Lists},
};
use crate::Prefix;

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let content = match &job.difference {
        Some(difference) => elements(job, difference),
        None => table(job),
    };
    one(format!("{}.nft", job.id), content)
}

/// Makes what is missing, then fills it anew. The sets themselves stay: between the rules and the
/// elements of a set that is made again there is a moment in which it holds nobody.
fn table(job: &Job<'_>) -> String {
    let (id, port) = (job.id, job.port);
    let mut text = format!(
        "#!/usr/sbin/nft -f
{}
table inet {id} {{
\tset allowed4 {{
\t\ttype ipv4_addr
\t\tflags interval
\t}}
\tset allowed6 {{
\t\ttype ipv6_addr
\t\tflags interval
\t}}
\tchain input {{
\t\ttype filter hook input priority filter; policy accept;
\t}}
\tchain scim {{
\t}}
}}
flush chain inet {id} input
flush chain inet {id} scim
flush set inet {id} allowed4
flush set inet {id} allowed6
",
        job.head("# ")
    );
    text += &change(job, "add", &job.now);
    push!(
        text,
        "table inet {id} {{
\tchain input {{
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
    text += &change(job, "delete", &difference.removed);
    text += &change(job, "add", &difference.added);
    text
}

fn change(job: &Job<'_>, verb: &str, lists: &Lists) -> String {
    let (id, mut text) = (job.id, String::new());
    for (digit, prefixes) in lists.families() {
        if !prefixes.is_empty() {
            let line = |prefix: &Prefix| format!("\t{prefix},\n");
            let list: String = prefixes.iter().map(line).collect();
            push!(
                text,
                "{verb} element inet {id} allowed{digit} {{\n{list}}}\n"
            );
        }
    }
    text
}
