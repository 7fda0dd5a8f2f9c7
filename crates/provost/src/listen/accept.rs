//! Accepting connections up to the cap, and ending them at shutdown.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

use super::{
    Settings, connection,
    guard::{Guard, SharedPhase},
};

/// Most refusals under way at a time; beyond it connections are dropped without an answer.
const MAX_REFUSALS: usize = 64;

/// Pause after an error that would come back at once, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts until the server closes, then waits for the connections to end. What is still open
/// after the limit is cut off.
pub(super) async fn run(listener: TcpListener, settings: Settings) {
    let permits = settings.max_connections.get().min(Semaphore::MAX_PERMITS);
    let room = Arc::new(Semaphore::new(permits));
    let refusals = Arc::new(Semaphore::new(MAX_REFUSALS));
    tokio::select! {
        () = settings.lifecycle.closing() => {}
        () = accept(&listener, &settings, &room, &refusals) => {}
    }
    drop(listener);
    let all = u32::try_from(permits).unwrap_or(u32::MAX);
    if timeout(settings.drain, room.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!(
            listener = settings.name,
            "requests in flight were cut off at shutdown"
        );
    }
}

async fn accept(
    listener: &TcpListener,
    settings: &Settings,
    room: &Arc<Semaphore>,
    refusals: &Arc<Semaphore>,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match Arc::clone(room).try_acquire_owned() {
                Ok(permit) => {
                    let settings = settings.clone();
                    let open = settings.connections.open();
                    tokio::spawn(async move {
                        connection::serve(settings, stream, peer).await;
                        drop((open, permit));
                    });
                }
                Err(_) => refuse(stream, peer, settings, refusals),
            },
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(listener = settings.name, %error, "cannot accept connections");
                sleep(PAUSE).await;
            }
        }
    }
}

fn refuse(mut stream: TcpStream, peer: SocketAddr, settings: &Settings, refusals: &Arc<Semaphore>) {
    settings.connections.refuse();
    let Ok(permit) = Arc::clone(refusals).try_acquire_owned() else {
        return;
    };
    tracing::debug!(listener = settings.name, %peer, "too many connections");
    let deadlines = settings.deadlines;
    let busy = settings.surface.busy();
    tokio::spawn(async move {
        if timeout(deadlines.linger, stream.write_all(busy))
            .await
            .is_ok()
        {
            Guard::new(stream, SharedPhase::new(), deadlines)
                .close()
                .await;
        }
        drop(permit);
    });
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
