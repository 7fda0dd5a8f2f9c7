//! `provost gateway`: every configuration is what its program takes, and behind the real programs
//! nothing but SCIM is reachable, nobody is taken for somebody else, and no request is lost with a
//! node.

#[cfg(test)]
#[expect(dead_code, reason = "what runs inside is asked by curl")]
mod netns;

#[cfg(test)]
#[expect(dead_code, reason = "servers are killed here by dropping them")]
mod support;

#[cfg(test)]
#[path = "gateway/abuse.rs"]
mod abuse;

#[cfg(test)]
#[path = "gateway/programs.rs"]
mod programs;

#[cfg(test)]
#[path = "gateway/stage.rs"]
mod stage;

#[cfg(test)]
#[path = "gateway/command.rs"]
mod command;

#[cfg(test)]
#[path = "gateway/valid.rs"]
mod valid;

#[cfg(test)]
#[path = "gateway/walls.rs"]
mod walls;

#[cfg(test)]
#[path = "gateway/losses.rs"]
mod losses;

#[cfg(test)]
#[path = "gateway/packets.rs"]
mod packets;
