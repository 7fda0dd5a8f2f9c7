//! Plays recorded and documented traffic against the binary: identity providers over SCIM,
//! applications and other clients over Crowd's REST API.

#[cfg(test)]
#[path = "../support/mod.rs"]
mod binary;

#[cfg(test)]
mod crowd;
#[cfg(test)]
mod idp;
#[cfg(test)]
mod support;
