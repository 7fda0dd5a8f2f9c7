//! Cisco IOS and ASA: object groups. The rule that uses them is put into the access list of the
//! interface once, by hand, because an interface has one access list and it is not ours.

use std::net::{IpAddr, Ipv4Addr};

use super::{
    File, one,
    request::{Job, Lists},
};
use crate::Prefix;

/// How one operating system writes.
struct Dialect {
    /// Opens the group of a family: digit → line.
    group: fn(&str, &str) -> String,
    /// What an entry begins with.
    entry: &'static str,
    /// The rules that use the groups.
    rules: fn(&str, u16) -> [String; 3],
}

pub(super) fn ios(job: &Job<'_>) -> Vec<File> {
    let dialect = Dialect {
        group: |id, digit| match digit {
            "4" => format!("object-group network {id}4"),
            _ => format!("object-group v6-network {id}6"),
        },
        entry: "",
        rules: |id, port| {
            [
                format!("ip access-list: permit tcp object-group {id}4 any eq {port}"),
                format!("ipv6 access-list: permit tcp object-group {id}6 any eq {port}"),
                format!("both, behind: deny tcp any any eq {port}"),
            ]
        },
    };
    write(job, &dialect)
}

pub(super) fn asa(job: &Job<'_>) -> Vec<File> {
    let dialect = Dialect {
        group: |id, _| format!("object-group network {id}"),
        entry: "network-object ",
        rules: |id, port| {
            [
                format!("access-list NAME extended permit tcp object-group {id} any eq {port}"),
                format!("access-list NAME extended deny tcp any4 any4 eq {port}"),
                format!("access-list NAME extended deny tcp any6 any6 eq {port}"),
            ]
        },
    };
    write(job, &dialect)
}

fn write(job: &Job<'_>, dialect: &Dialect) -> Vec<File> {
    let mut text = job.head("! ");
    text += "! Once, in the access list of the interface, before rules that let this port in:\n";
    for rule in (dialect.rules)(job.id, job.port) {
        push!(text, "!   {rule}\n");
    }
    if let Some(difference) = &job.difference {
        // Additions come first, so that nobody on both lists is shut out in between.
        text += &groups(job, dialect, "", &difference.added);
        text += &groups(job, dialect, "no ", &difference.removed);
    } else {
        text += "! Adds to the groups; what they hold beyond this list stays, so clear them first or write the difference.\n";
        text += &groups(job, dialect, "", &job.now);
    }
    one(format!("{}.cisco", job.id), text)
}

fn groups(job: &Job<'_>, dialect: &Dialect, verb: &str, lists: &Lists) -> String {
    let mut text = String::new();
    for (digit, prefixes) in lists.families() {
        if prefixes.is_empty() {
            continue;
        }
        push!(text, "{}\n", (dialect.group)(job.id, digit));
        for prefix in prefixes {
            push!(text, " {verb}{}{}\n", dialect.entry, network(*prefix));
        }
        text += "exit\n";
    }
    text
}

fn network(prefix: Prefix) -> String {
    match (prefix.address(), prefix.length()) {
        (IpAddr::V4(address), 32) => format!("host {address}"),
        (IpAddr::V6(address), 128) => format!("host {address}"),
        (IpAddr::V4(address), length) => {
            let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            format!("{address} {}", Ipv4Addr::from_bits(!host))
        }
        (IpAddr::V6(_), _) => prefix.to_string(),
    }
}
