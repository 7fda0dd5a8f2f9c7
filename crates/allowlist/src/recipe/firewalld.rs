//! firewalld: two sets and a policy as files of their own, so that zones stay as they are. The
//! script tries them in a copy of the configuration first.

use super::{File, ipset_iptables::MAX, request::Job, shell};

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let id = job.id;
    let mut files = vec![File {
        name: format!("{id}.xml"),
        content: policy(job),
    }];
    for (digit, prefixes) in job.now.families() {
        let family = if digit == "4" { "inet" } else { "inet6" };
        let entry = |prefix| format!("  <entry>{prefix}</entry>\n");
        let entries: String = prefixes.iter().map(entry).collect();
        let content = format!(
            "{}<ipset type=\"hash:net\">\n  <option name=\"family\" value=\"{family}\"/>\n  <option name=\"maxelem\" value=\"{MAX}\"/>\n{entries}</ipset>\n",
            opening(job)
        );
        let name = format!("{id}{digit}.xml");
        files.push(File { name, content });
    }
    files.extend(shell::files(job, &commands(job)));
    files
}

fn opening(job: &Job<'_>) -> String {
    let head = job.head("  ");
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!--\n{head}-->\n")
}

/// Negative priorities come before the rules of zones.
fn policy(job: &Job<'_>) -> String {
    let (id, port) = (job.id, job.port);
    let mut text = opening(job);
    text += "<policy priority=\"-10\" target=\"CONTINUE\">\n  <ingress-zone name=\"ANY\"/>\n  <egress-zone name=\"HOST\"/>\n";
    for digit in ["4", "6"] {
        push!(
            text,
            "  <rule priority=\"-2\" family=\"ipv{digit}\">\n    <source ipset=\"{id}{digit}\"/>\n    <port port=\"{port}\" protocol=\"tcp\"/>\n    <accept/>\n  </rule>\n"
        );
    }
    for digit in ["4", "6"] {
        push!(
            text,
            "  <rule priority=\"-1\" family=\"ipv{digit}\">\n    <port port=\"{port}\" protocol=\"tcp\"/>\n    <reject type=\"tcp-reset\"/>\n  </rule>\n"
        );
    }
    text + "</policy>\n"
}

/// The check of the configuration passes over entries that it does not understand, so that they
/// are counted.
fn commands(job: &Job<'_>) -> String {
    let (id, v4, v6) = (job.id, job.now.v4.len(), job.now.v6.len());
    format!(
        "config=${{FIREWALLD_CONFIG:-/etc/firewalld}}
trial=$(mktemp -d)
trap 'rm -rf \"$trial\"' EXIT
put() {{
  mkdir -p \"$1/ipsets\" \"$1/policies\"
  cp {id}4.xml {id}6.xml \"$1/ipsets/\"
  cp {id}.xml \"$1/policies/\"
}}
holds() {{
  [ \"$(firewall-offline-cmd --system-config=\"$trial\" --ipset=\"$1\" --get-entries | grep -c .)\" -eq \"$2\" ] && return
  echo \"firewalld does not read $1 whole; nothing was changed\" >&2
  exit 1
}}
cp -R \"$config/.\" \"$trial/\"
put \"$trial\"
firewall-offline-cmd --system-config=\"$trial\" --check-config
holds {id}4 {v4}
holds {id}6 {v6}
put \"$config\"
firewall-cmd --reload
"
    )
}
