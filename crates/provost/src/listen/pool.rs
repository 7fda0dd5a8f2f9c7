//! The threads of a listener.

use std::{io, net::TcpListener, thread, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{Settings, accept};

/// How long work that cannot be cancelled may hold up the end of the threads.
const LAST_CALL: Duration = Duration::from_secs(1);

/// A listener that accepts.
pub(crate) struct Pool {
    thread: thread::JoinHandle<()>,
    done: oneshot::Receiver<()>,
}

/// Starts the threads; connections are accepted from then on.
///
/// # Errors
/// When the system gives no thread or the socket cannot be used.
pub(crate) fn start(listener: TcpListener, settings: Settings) -> io::Result<Pool> {
    listener.set_nonblocking(true)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(settings.threads.get())
        .thread_name(settings.name)
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let (finished, done) = oneshot::channel();
    let thread = thread::Builder::new()
        .name(settings.name.to_owned())
        .spawn(move || {
            drive(runtime, listener, settings);
            let _ = finished.send(());
        })?;
    Ok(Pool { thread, done })
}

fn drive(runtime: Runtime, listener: tokio::net::TcpListener, settings: Settings) {
    runtime.block_on(async {
        // On a worker thread, so that accepting never waits for this one to be woken.
        let _ = tokio::spawn(accept::run(listener, settings)).await;
    });
    runtime.shutdown_timeout(LAST_CALL);
}

impl Pool {
    /// Resolves when all connections have ended and the threads are gone.
    pub(crate) async fn finished(self) {
        let _ = self.done.await;
        // The thread has nothing left to do but to return.
        let _ = self.thread.join();
    }
}
