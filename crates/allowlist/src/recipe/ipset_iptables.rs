//! ipset and iptables: two sets that are filled beside the old ones and swapped, and one chain per
//! family that looks into them. Rules keep no state, so that connections of listed addresses live on.

use super::{
    File,
    request::{Difference, Job},
    shell,
};
use crate::Prefix;

/// Most networks of one set. One figure for all sizes, because sets of different limits are
/// different sets for `ipset create -exist`; memory is taken for what is in it only.
pub(super) const MAX: usize = 1_048_576;

/// What names end in, the family of ipset, and the tool.
const FAMILIES: [(&str, &str, &str); 2] = [("4", "inet", "iptables"), ("6", "inet6", "ip6tables")];

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let sets = match &job.difference {
        Some(difference) => changed(job, difference),
        None => filled(job),
    };
    let mut files = vec![File {
        name: format!("{}.ipset", job.id),
        content: sets,
    }];
    files.extend(FAMILIES.map(|(digit, _, tool)| rules(job, digit, tool)));
    files.extend(shell::files(job, &commands(job)));
    files
}

fn filled(job: &Job<'_>) -> String {
    let (id, mut text) = (job.id, job.head("# "));
    for ((digit, prefixes), (_, family, _)) in job.now.families().into_iter().zip(FAMILIES) {
        let kind = format!("hash:net family {family} maxelem {MAX} -exist");
        push!(
            text,
            "create {id}{digit} {kind}\ncreate {id}{digit}-new {kind}\n"
        );
        push!(text, "flush {id}{digit}-new\n");
        text += &lines("add", &format!("{id}{digit}-new"), prefixes);
        push!(
            text,
            "swap {id}{digit}-new {id}{digit}\ndestroy {id}{digit}-new\n"
        );
    }
    text
}

/// Additions come first, so that nobody on both lists is shut out in between.
fn changed(job: &Job<'_>, difference: &Difference) -> String {
    let mut text = job.head("# ");
    for (verb, lists) in [("add", &difference.added), ("del", &difference.removed)] {
        for (digit, prefixes) in lists.families() {
            text += &lines(verb, &format!("{}{digit}", job.id), prefixes);
        }
    }
    text
}

fn lines(verb: &str, set: &str, prefixes: &[Prefix]) -> String {
    let line = |prefix: &Prefix| format!("{verb} {set} {prefix} -exist\n");
    prefixes.iter().map(line).collect()
}

fn rules(job: &Job<'_>, digit: &str, tool: &str) -> File {
    let (id, port, head) = (job.id, job.port, job.head("# "));
    let content = format!(
        "{head}*filter
:{id} - [0:0]
-A {id} -i lo -j ACCEPT
-A {id} -p tcp --dport {port} -m set --match-set {id}{digit} src -j ACCEPT
-A {id} -p tcp --dport {port} -j REJECT --reject-with tcp-reset
COMMIT
"
    );
    File {
        name: format!("{id}.{tool}"),
        content,
    }
}

fn commands(job: &Job<'_>) -> String {
    let (id, port) = (job.id, job.port);
    let mut text = format!("ipset restore -exist < {id}.ipset\n");
    for (_, _, tool) in FAMILIES {
        let jump = format!("INPUT -p tcp --dport {port} -j {id}");
        push!(
            text,
            "{tool}-restore -w --noflush < {id}.{tool}
{tool} -w -C {jump} 2>/dev/null || {tool} -w -I {jump}
"
        );
    }
    text
}
