//! Rules that concern several settings at once.

use super::{ClientAddress, Config, error::ConfigError};

/// Adds an error for every broken rule.
pub(super) fn check(config: &Config, errors: &mut Vec<ConfigError>) {
    direct_http(config, errors);
    believed_gateways(config, errors);
    distinct_ports(config, errors);
}

/// SCIM carries tokens over plain HTTP, so it leaves the machine only on purpose.
fn direct_http(config: &Config, errors: &mut Vec<ConfigError>) {
    errors.extend(exposed(config).map(|text| ConfigError::new("", text)));
}

/// Why SCIM must not be served on this address, if it must not.
pub(super) fn exposed(config: &Config) -> Option<String> {
    let (key, address) = if config.single_port {
        ("app_listen", config.app_listen)
    } else {
        ("scim_listen", config.scim_listen)
    };
    let covered = !config.trusted_proxies.is_empty() || config.allow_direct_http;
    (!address.ip().is_loopback() && !covered).then(|| {
        format!(
            "{key} is {address}, which other machines can reach, and SCIM would travel over plain HTTP; \
             set trusted_proxies to the addresses of your gateway, or allow_direct_http = true \
             if clients inside your network connect directly"
        )
    })
}

/// Without gateways there is nobody whose word could count.
fn believed_gateways(config: &Config, errors: &mut Vec<ConfigError>) {
    if config.client_address != ClientAddress::Peer && config.trusted_proxies.is_empty() {
        errors.push(ConfigError::new(
            "",
            "client_address is set, but trusted_proxies is empty, so nobody would be believed; \
             name the addresses of your gateways in trusted_proxies",
        ));
    }
}

fn distinct_ports(config: &Config, errors: &mut Vec<ConfigError>) {
    let same = config.scim_listen == config.app_listen && config.scim_listen.port() != 0;
    if same && !config.single_port {
        errors.push(ConfigError::new(
            "",
            "scim_listen and app_listen are the same; give them different ports, or set single_port = true",
        ));
    }
}
