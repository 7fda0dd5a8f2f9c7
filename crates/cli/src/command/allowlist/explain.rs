//! `explain`: why an address passes an allowlist or not, and how Provost comes to know addresses.

use std::{fmt::Write as _, net::IpAddr, sync::Arc};

use provost::config::{ClientAddress, Config, Header, Prefix, Version};
use provost_directory::{
    Directory,
    allowlist::{Allowlist, Reason},
    ip_set::NamedSet,
};
use serde_json::{Value, json};

use super::{
    Target,
    list::{edition, origin},
};
use crate::{
    failure::{Failure, Subject},
    output::Format,
};

/// Explains an address.
pub(super) async fn explain(
    directory: &Directory,
    config: &Config,
    address: IpAddr,
    target: &Target,
    format: Format,
) -> Result<(), Failure> {
    let address = address.to_canonical();
    let list = target.list(directory).await?;
    let sets = directory.ip_sets().await;
    let sets = sets.map_err(|error| target.subject().explain(error))?;
    let reason = list.explain(Some(address), &sets);
    let Subject { kind, name, .. } = target.subject();
    let passes = if reason.admits() {
        "passes"
    } else {
        "does not pass"
    };
    let mut sentences = vec![format!("{address} {passes} for the {kind} {name}.")];
    sentences.extend(because(directory, &reason, &list, &sets));
    if !reason.admits() {
        sentences.extend(elsewhere(address, &list, &sets, target));
    }
    sentences.push(found(config));
    sentences.extend(gateway(config, address));
    let json = document(address, (kind, name), &reason, &list, &sentences);
    format.print(&json, sentences.join("\n"));
    Ok(())
}

/// What decides.
fn because(
    directory: &Directory,
    reason: &Reason,
    list: &Allowlist,
    sets: &[Arc<NamedSet>],
) -> Vec<String> {
    match reason {
        Reason::Open => {
            vec!["allowed_addresses is empty, so every address passes.".to_owned()]
        }
        Reason::Network(network) => vec![format!("{network} stands in allowed_addresses.")],
        Reason::Set(set, network) => {
            let state = state(directory, set);
            vec![format!("{network} is in the set {}, {state}.", set.name)]
        }
        Reason::Unlisted | Reason::Unknown => {
            let mut sentences = vec![format!("Nothing in allowed_addresses has it: {list}.")];
            for name in list.sets() {
                sentences.push(match sets.iter().find(|set| set.name == *name) {
                    Some(set) => format!("The set {name}: {}.", state(directory, set)),
                    None => format!("The set {name} does not exist, so it admits nobody."),
                });
            }
            sentences
        }
    }
}

/// Where a set comes from and how it fares.
fn state(directory: &Directory, set: &NamedSet) -> String {
    let edition = edition(set).map_or_else(String::new, |edition| format!(", edition {edition}"));
    let mut text = format!(
        "{} networks of {}{edition}, last read {}",
        set.networks(),
        origin(set),
        set.fetched
    );
    if let Some(failure) = &set.failure {
        let how_long = if directory.is_overdue(set) {
            "for more than five days"
        } else {
            "since"
        };
        let _ = write!(text, ", not refreshed {how_long} because {failure}");
    }
    text
}

/// Sets that have the address and are not named in the list.
fn elsewhere(
    address: IpAddr,
    list: &Allowlist,
    sets: &[Arc<NamedSet>],
    target: &Target,
) -> Option<String> {
    let set = sets.iter().find(|set| {
        set.accepted.set.contains(address) && !list.sets().any(|name| *name == set.name)
    })?;
    let Subject { kind, name, .. } = target.subject();
    Some(format!(
        "The set {0} has it and is not used here; `provost allowlist use {0} --{kind} {name}` admits all of that set.",
        set.name
    ))
}

/// How Provost comes to know the address of a client.
fn found(config: &Config) -> String {
    let gateways = networks(&config.trusted_proxies);
    let from = match config.client_address {
        ClientAddress::Peer if config.trusted_proxies.is_empty() => {
            return "The address that counts is the one that connects to Provost (client_address is none).".to_owned();
        }
        ClientAddress::Peer => {
            return format!(
                "The address that counts is the one that connects to Provost (client_address is none): for everybody who comes through {gateways} that is the gateway; set client_address to tell them apart."
            );
        }
        ClientAddress::Header(Header::XForwardedFor) => "in X-Forwarded-For",
        ClientAddress::Header(Header::Forwarded) => "in Forwarded",
        ClientAddress::Proxy(Version::V1) => "in the PROXY protocol, version 1",
        ClientAddress::Proxy(Version::V2) => "in the PROXY protocol, version 2",
    };
    format!(
        "The address that counts is what {gateways} (trusted_proxies) say {from} (client_address), and for everybody else the one that connects."
    )
}

fn networks(list: &[Prefix]) -> String {
    let list: Vec<_> = list.iter().map(ToString::to_string).collect();
    list.join(", ")
}

/// What it means that the address is one of the gateways.
fn gateway(config: &Config, address: IpAddr) -> Option<String> {
    let client = Prefix::containing(address, 128);
    let gateway = config.trusted_proxies.iter().find(|p| p.covers(client))?;
    let text = match config.client_address {
        ClientAddress::Peer => format!(
            "{address} is a gateway ({gateway} in trusted_proxies): whether it passes decides about everybody behind it."
        ),
        ClientAddress::Header(_) | ClientAddress::Proxy(_) => format!(
            "{address} is a gateway ({gateway} in trusted_proxies): requests through it count for the client that it names, and only its own count for itself."
        ),
    };
    Some(text)
}

fn document(
    address: IpAddr,
    (kind, name): (&str, &str),
    reason: &Reason,
    list: &Allowlist,
    sentences: &[String],
) -> Value {
    let (word, network, set) = match reason {
        Reason::Open => ("open", None, None),
        Reason::Network(network) => ("network", Some(network), None),
        Reason::Set(set, network) => ("set", Some(network), Some(set)),
        Reason::Unlisted => ("unlisted", None, None),
        Reason::Unknown => ("unknown", None, None),
    };
    json!({
        "address": address.to_string(),
        kind: name,
        "admitted": reason.admits(),
        "reason": word,
        "network": network.map(ToString::to_string),
        "set": set.map(|set| set.name.as_str()),
        "edition": set.and_then(|set| edition(set)),
        "allowed_addresses": list.to_string(),
        "sentences": sentences,
    })
}
