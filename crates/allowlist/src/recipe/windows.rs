//! Windows Defender Firewall, by PowerShell: the rules of a new list are made before those of the
//! old one go, so that nobody on both lists is shut out in between.

use super::{File, one, request::Job};
use crate::Prefix;

/// Networks of one rule; long lists become slow to read back, not wrong.
const PER_RULE: usize = 1_000;

pub(super) fn write(job: &Job<'_>) -> Vec<File> {
    let (id, port, head) = (job.id, job.port, job.head("# "));
    let mark: String = job.checksum().chars().take(16).collect();
    let all: Vec<Prefix> = job.now.all().collect();
    let rules: String = all
        .chunks(PER_RULE)
        .enumerate()
        .map(|(number, prefixes)| rule(&format!("{id}-{port}-{mark}-{}", number + 1), prefixes))
        .collect();
    let content = format!(
        "{head}$ErrorActionPreference = 'Stop'
$rules = [ordered]@{{
{rules}}}
foreach ($name in $rules.Keys) {{
  if (-not (Get-NetFirewallRule -Name $name -ErrorAction SilentlyContinue)) {{
    New-NetFirewallRule -Name $name -Group '{id}' -DisplayName \"Provost SCIM ($name)\" -Direction Inbound -Action Allow -Protocol TCP -LocalPort {port} -RemoteAddress $rules[$name] | Out-Null
  }}
}}
Get-NetFirewallRule -Group '{id}' | Where-Object {{ -not $rules.Contains($_.Name) }} | Remove-NetFirewallRule
"
    );
    one(format!("{id}.ps1"), content)
}

fn rule(name: &str, prefixes: &[Prefix]) -> String {
    let quoted = |prefix: &Prefix| format!("    '{prefix}'");
    let entries: Vec<_> = prefixes.iter().map(quoted).collect();
    format!("  '{name}' = @(\n{}\n  )\n", entries.join(",\n"))
}
