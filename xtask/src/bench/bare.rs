//! The bare server: hyper with a fixed answer, or one row per request in grouped commits.
//!
//! It does nothing else: no routing, no authentication, no JSON. It is the limit that the real
//! server is compared with.

use std::{convert::Infallible, sync::mpsc};

use anyhow::{Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rusqlite::Connection;
use tokio::{net::TcpListener, sync::oneshot};

use crate::line;

/// About as long as the answer to a GET of a user.
const ANSWER: &[u8] = &[b'x'; 700];

/// A row to commit, and whom to tell.
type Job = (Bytes, oneshot::Sender<()>);

/// `fixed`, or `commit FILE`. Prints where it listens and serves until it is killed.
pub(crate) fn run(flags: &[&str]) -> Result<()> {
    let writer = match flags {
        ["fixed"] => None,
        ["commit", file] => Some(start_writer(Connection::open(file)?)?),
        _ => bail!("bare-server fixed | commit FILE"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(writer))
}

async fn serve(writer: Option<mpsc::Sender<Job>>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    line(format_args!("ready http://{}", listener.local_addr()?));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let writer = writer.clone();
        let service = service_fn(move |request| answer(request, writer.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    writer: Option<mpsc::Sender<Job>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(ANSWER)));
    let Some(writer) = writer else {
        return Ok(response);
    };
    let committed = async {
        let body = request.into_body().collect().await.ok()?.to_bytes();
        let (done, told) = oneshot::channel();
        writer.send((body, done)).ok()?;
        told.await.ok()
    };
    if committed.await.is_none() {
        *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    }
    Ok(response)
}

/// One thread that takes whatever waits and commits it together, durably.
fn start_writer(mut database: Connection) -> Result<mpsc::Sender<Job>> {
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")?;
    let (sender, jobs) = mpsc::channel::<Job>();
    std::thread::spawn(move || {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(255));
            if commit(&mut database, &batch).is_err() {
                return;
            }
            for (_, done) in batch {
                // A client that has gone needs no answer.
                let _ = done.send(());
            }
        }
    });
    Ok(sender)
}

fn commit(database: &mut Connection, batch: &[Job]) -> rusqlite::Result<()> {
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare_cached("INSERT INTO rows (body) VALUES (?1)")?;
        for (body, _) in batch {
            insert.execute([&body[..]])?;
        }
    }
    transaction.commit()
}
