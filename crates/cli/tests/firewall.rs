//! `provost firewall`: every format is what its tool takes, and packets get through where they
//! should and nowhere else.

#[cfg(test)]
mod netns;

#[cfg(test)]
#[expect(
    dead_code,
    reason = "servers run in namespaces here; starting them beside the test is for others"
)]
mod support;

#[cfg(test)]
#[path = "firewall/stage.rs"]
mod stage;

#[cfg(test)]
#[path = "firewall/formats.rs"]
mod formats;

#[cfg(test)]
#[path = "firewall/tools.rs"]
mod tools;

#[cfg(test)]
#[path = "firewall/packets.rs"]
mod packets;
