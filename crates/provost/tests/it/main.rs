//! The server through its sockets: every test speaks HTTP to a server it has started itself.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod client_address;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod embedding;
#[cfg(test)]
mod idp;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod net;
#[cfg(test)]
mod ranges;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod scim;
#[cfg(test)]
mod support;
#[cfg(test)]
mod v1;
#[cfg(test)]
mod walks;
