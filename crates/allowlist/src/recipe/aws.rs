//! AWS: scripts for its command line, with the requests inside as JSON. Each request is one step
//! of the service; what is added comes before what is removed.

use serde::Serialize;

use super::{
    File,
    lists::pretty,
    one,
    request::{Job, Lists},
    shell,
};
use crate::Prefix;

/// Entries of a managed prefix list.
pub(super) const MAX_ENTRIES: usize = 1_000;

/// Entries of one request about a prefix list.
const PER_REQUEST: usize = 100;

/// A command that reads a request from here.
fn with_request(command: &str, request: &impl Serialize) -> String {
    format!("{command} <<'JSON'\n{}JSON\n", pretty(request))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Permissions<'a> {
    ip_permissions: [Permission<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Permission<'a> {
    ip_protocol: &'static str,
    from_port: u16,
    to_port: u16,
    ip_ranges: Vec<RangeV4<'a>>,
    ipv6_ranges: Vec<RangeV6<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RangeV4<'a> {
    cidr_ip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RangeV6<'a> {
    cidr_ipv6: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

pub(super) fn security_group(job: &Job<'_>) -> Vec<File> {
    let mut text =
        ": \"${GROUP_ID:?set GROUP_ID to the id of the security group, sg-...}\"\n".to_owned();
    match &job.difference {
        Some(difference) => {
            text += &permissions(job, "authorize", &difference.added);
            text += &permissions(job, "revoke", &difference.removed);
        }
        None => text += &permissions(job, "authorize", &job.now),
    }
    shell::files(job, &text)
}

fn permissions(job: &Job<'_>, verb: &str, lists: &Lists) -> String {
    if lists.len() == 0 {
        return String::new();
    }
    // A rule is revoked by what it admits, whatever its description.
    let description = (verb == "authorize").then_some(job.id);
    let request = Permissions {
        ip_permissions: [Permission {
            ip_protocol: "tcp",
            from_port: job.port,
            to_port: job.port,
            ip_ranges: lists
                .v4
                .iter()
                .map(|prefix| RangeV4 {
                    cidr_ip: prefix.to_string(),
                    description,
                })
                .collect(),
            ipv6_ranges: lists
                .v6
                .iter()
                .map(|prefix| RangeV6 {
                    cidr_ipv6: prefix.to_string(),
                    description,
                })
                .collect(),
        }],
    };
    let command = format!(
        "aws ec2 {verb}-security-group-ingress --group-id \"$GROUP_ID\" --cli-input-json file:///dev/stdin"
    );
    with_request(&command, &request)
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewList {
    prefix_list_name: String,
    address_family: String,
    max_entries: usize,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entries {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    add_entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove_entries: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    cidr: String,
}

/// Waits for the service, because a list that is being changed takes no other change; the version
/// is read for each change, so that two scripts cannot mix.
const LIST_FUNCTIONS: &str = r#"about() { aws ec2 describe-managed-prefix-lists --prefix-list-ids "$1" --query "PrefixLists[0].$2" --output text </dev/null; }
settled() {
  while :; do
    case $(about "$1" State) in
      *-complete) return ;;
      *-failed) echo "$1: $(about "$1" StateMessage)" >&2; exit 1 ;;
    esac
    sleep 1
  done
}
change() {
  aws ec2 modify-managed-prefix-list --prefix-list-id "$1" --current-version "$(about "$1" Version)" --cli-input-json file:///dev/stdin
  settled "$1"
}
grow() {
  [ "$(about "$1" MaxEntries)" -ge "$2" ] && return
  aws ec2 modify-managed-prefix-list --prefix-list-id "$1" --max-entries "$2" </dev/null
  settled "$1"
}
"#;

pub(super) fn prefix_list(job: &Job<'_>) -> Vec<File> {
    let mut text = LIST_FUNCTIONS.to_owned();
    if let Some(difference) = &job.difference {
        let (added, removed) = (&difference.added, &difference.removed);
        text += &changed("4", &added.v4, &removed.v4, job.now.v4.len());
        text += &changed("6", &added.v6, &removed.v6, job.now.v6.len());
    } else {
        for (digit, prefixes) in job.now.families() {
            text += &created(job, digit, prefixes);
        }
        text += "echo \"PREFIX_LIST_V4=$PREFIX_LIST_V4 PREFIX_LIST_V6=$PREFIX_LIST_V6\"\n";
    }
    shell::files(job, &text)
}

/// Room for a quarter more, because every reference counts the room, not what is in it.
fn room(entries: usize) -> usize {
    (entries + entries / 4)
        .div_ceil(10)
        .max(1)
        .saturating_mul(10)
        .min(MAX_ENTRIES)
}

fn created(job: &Job<'_>, digit: &str, prefixes: &[Prefix]) -> String {
    let list = NewList {
        prefix_list_name: format!("{}-v{digit}", job.id),
        address_family: format!("IPv{digit}"),
        max_entries: room(prefixes.len()),
    };
    let command = "aws ec2 create-managed-prefix-list --query PrefixList.PrefixListId --output text --cli-input-json file:///dev/stdin";
    let request = with_request(command, &list);
    let changes = changes(digit, prefixes, &[]);
    format!("PREFIX_LIST_V{digit}=$({request})\nsettled \"$PREFIX_LIST_V{digit}\"\n{changes}")
}

fn changed(digit: &str, added: &[Prefix], removed: &[Prefix], now: usize) -> String {
    if added.is_empty() && removed.is_empty() {
        return String::new();
    }
    let (list, room) = (format!("PREFIX_LIST_V{digit}"), room(now + removed.len()));
    let asked = format!(": \"${{{list}:?set {list} to the id of the list, pl-...}}\"\n");
    let changes = changes(digit, added, removed);
    format!("{asked}grow \"${list}\" {room}\n{changes}")
}

fn changes(digit: &str, added: &[Prefix], removed: &[Prefix]) -> String {
    let command = format!("change \"$PREFIX_LIST_V{digit}\"");
    let entries = |prefixes: &[Prefix]| {
        let entry = |prefix: &Prefix| Entry {
            cidr: prefix.to_string(),
        };
        prefixes.iter().map(entry).collect()
    };
    let additions = added.chunks(PER_REQUEST).map(|some| Entries {
        add_entries: entries(some),
        ..Entries::default()
    });
    let removals = removed.chunks(PER_REQUEST).map(|some| Entries {
        remove_entries: entries(some),
        ..Entries::default()
    });
    let all = additions.chain(removals);
    all.map(|request| with_request(&command, &request))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Addresses {
    addresses: Vec<String>,
}

/// The lock token refuses an update over somebody else's.
const STORE: &str = r#"scope=${SCOPE:-REGIONAL}
store() {
  id=$(aws wafv2 list-ip-sets --scope "$scope" --limit 100 --query "IPSets[?Name=='$1'].Id | [0]" --output text </dev/null)
  if [ "$id" = None ]; then
    aws wafv2 create-ip-set --scope "$scope" --name "$1" --ip-address-version "$2" --cli-input-json file:///dev/stdin
  else
    token=$(aws wafv2 get-ip-set --scope "$scope" --name "$1" --id "$id" --query LockToken --output text </dev/null)
    aws wafv2 update-ip-set --scope "$scope" --name "$1" --id "$id" --lock-token "$token" --cli-input-json file:///dev/stdin
  fi
}
"#;

pub(super) fn waf_ip_set(job: &Job<'_>) -> Vec<File> {
    let (id, head) = (job.id, job.head("# "));
    let mut text = format!("#!/bin/sh\n{head}set -eu\n{STORE}");
    for (digit, prefixes) in job.now.families() {
        let addresses = prefixes.iter().map(Prefix::to_string).collect();
        let command = format!("store {id}-v{digit} IPV{digit}");
        text += &with_request(&command, &Addresses { addresses });
    }
    one(format!("{id}-waf.sh"), text)
}
