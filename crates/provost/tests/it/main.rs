//! The server through its sockets: every test speaks HTTP to a server it has started itself.

#[cfg(test)]
mod crowd;
#[cfg(test)]
mod support;
