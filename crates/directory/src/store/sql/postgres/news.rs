//! News from other nodes: PostgreSQL tells every node when the log has grown. Where the way of the
//! news is cut, the keeper's rounds find out within half a second.

use std::{future::poll_fn, sync::Arc, thread::JoinHandle, time::Duration};

use tokio::{sync::oneshot, time::sleep};
use tokio_postgres::AsyncMessage;

use super::{
    Shared,
    connect::{Connector, runtime},
    session::sentence,
};
use crate::change::Position;

/// Pause before the next attempt to listen.
const PAUSE: Duration = Duration::from_secs(1);
/// Limit of the one statement.
const DEADLINE: Duration = Duration::from_secs(5);

/// Starts the thread; it ends when the sender of `stop` is gone.
pub(super) fn start(
    connector: Arc<Connector>,
    shared: Arc<Shared>,
    stop: oneshot::Receiver<()>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name("provost-news".to_owned())
        .spawn(move || match runtime() {
            Ok(runtime) => runtime.block_on(async {
                tokio::select! {
                    () = listen_on(&connector, &shared) => {}
                    _ = stop => {}
                }
            }),
            Err(error) => tracing::error!(error, "news from other nodes come late"),
        })
}

async fn listen_on(connector: &Connector, shared: &Shared) {
    loop {
        if let Err(error) = listen(connector, shared).await {
            tracing::debug!(error, "news from other nodes come late");
        }
        sleep(PAUSE).await;
    }
}

async fn listen(connector: &Connector, shared: &Shared) -> Result<(), String> {
    let (client, mut connection) = connector.connect(DEADLINE).await?;
    let driving = async {
        loop {
            match poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(news))) => {
                    if let Some(position) = Position::parse(news.payload()) {
                        shared.announce(&position);
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(sentence(&error)),
                None => return Ok(()),
            }
        }
    };
    let asking = async {
        let asked = client.batch_execute("LISTEN provost_log").await;
        if let Err(error) = asked {
            tracing::debug!(error = sentence(&error), "LISTEN was refused");
        }
        // The connection ends when its client is dropped.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = driving => ended,
        () = asking => Ok(()),
    }
}
