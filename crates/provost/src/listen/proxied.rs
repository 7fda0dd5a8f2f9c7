//! The PROXY protocol's header at the beginning of a connection.
//!
//! Not a byte beyond the header is taken from the socket.

use std::io;

use provost_allowlist::client::proxy::{self, Progress, Source, Version};
use tokio::{io::AsyncReadExt, net::TcpStream};

/// Longest header of either version, in bytes.
const LONGEST: usize = 536;

/// Reads the header.
///
/// # Errors
/// The socket's, and `InvalidData` for anything else than a header of that version.
pub(super) async fn source(stream: &mut TcpStream, version: Version) -> io::Result<Source> {
    let mut buffer = [0; LONGEST];
    let mut taken = 0;
    loop {
        let free = buffer.get_mut(taken..).unwrap_or_default();
        let seen = taken + stream.peek(free).await?;
        if seen == taken {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let progress = proxy::read(version, buffer.get(..seen).unwrap_or_default());
        let belongs = match progress {
            Progress::More(_) => seen,
            Progress::Done(header) => header.length,
            Progress::Broken => return Err(io::ErrorKind::InvalidData.into()),
        };
        let bytes = buffer.get_mut(taken..belongs).unwrap_or_default();
        stream.read_exact(bytes).await?;
        taken = belongs;
        if let Progress::Done(header) = progress {
            return Ok(header.source);
        }
    }
}
