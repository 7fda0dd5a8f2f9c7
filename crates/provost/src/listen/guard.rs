//! A socket that gives up on peers who are too slow.
//!
//! The HTTP library has one timer for request heads, which also runs while a connection is idle.
//! Here an idle connection, a head under way and an answer under way have a limit each.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, timeout},
};

use crate::deadlines::Deadlines;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No byte has come since the connection was made.
    Fresh,
    /// No byte of a next request has come.
    Idle,
    /// The head of a request has begun.
    Head,
    /// A request is being served; its own deadlines apply.
    Busy,
}

/// The phase, shared by the socket and the service.
#[derive(Clone, Debug)]
pub(super) struct SharedPhase(Arc<AtomicU8>);

impl SharedPhase {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(Phase::Fresh as u8)))
    }

    pub(super) fn set(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }

    pub(super) fn get(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            value if value == Phase::Fresh as u8 => Phase::Fresh,
            value if value == Phase::Idle as u8 => Phase::Idle,
            value if value == Phase::Head as u8 => Phase::Head,
            _ => Phase::Busy,
        }
    }
}

/// The socket with its limits.
pub(super) struct Guard {
    stream: TcpStream,
    phase: SharedPhase,
    deadlines: Deadlines,
    reading: Timer<Phase>,
    writing: Timer<()>,
}

impl Guard {
    pub(super) fn new(stream: TcpStream, phase: SharedPhase, deadlines: Deadlines) -> Self {
        Self {
            stream,
            phase,
            deadlines,
            reading: Timer::new(),
            writing: Timer::new(),
        }
    }

    /// Ends the connection so that a peer that is still sending can read the answer: without
    /// this, unread bytes make the system reset the connection and the answer is lost.
    pub(super) async fn close(mut self) {
        let limit = self.deadlines.linger;
        let _ = timeout(limit, async {
            self.stream.shutdown().await?;
            let mut scratch = [0; 4096];
            while self.stream.read(&mut scratch).await? > 0 {}
            io::Result::Ok(())
        })
        .await;
    }

    fn read_limit(&self, phase: Phase) -> Option<Duration> {
        match phase {
            Phase::Fresh | Phase::Idle => Some(self.deadlines.idle),
            Phase::Head => Some(self.deadlines.head),
            Phase::Busy => None,
        }
    }
}

impl AsyncRead for Guard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        if let Poll::Ready(outcome) = Pin::new(&mut this.stream).poll_read(cx, buf) {
            let waits = matches!(this.phase.get(), Phase::Fresh | Phase::Idle);
            if buf.filled().len() > before && waits {
                this.phase.set(Phase::Head);
                // The next wait is another one; nobody may ask between the two.
                this.reading.disarm();
            }
            return Poll::Ready(outcome);
        }
        let phase = this.phase.get();
        let Some(limit) = this.read_limit(phase) else {
            this.reading.disarm();
            return Poll::Pending;
        };
        ready!(this.reading.poll(cx, phase, limit));
        match phase {
            // To the HTTP library this is a peer that has gone, the clean end of a connection.
            Phase::Fresh | Phase::Idle => Poll::Ready(Ok(())),
            Phase::Head | Phase::Busy => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
        }
    }
}

impl AsyncWrite for Guard {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.watch(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Guard {
    /// Turns a write that has been stuck for too long into an error.
    fn watch(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if outcome.is_ready() {
            self.writing.disarm();
            return outcome;
        }
        ready!(self.writing.poll(cx, (), self.deadlines.write));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// A timer that starts when it is first asked about a cause, and again for another cause.
struct Timer<C> {
    sleep: Option<Pin<Box<Sleep>>>,
    cause: Option<C>,
}

impl<C: Copy + PartialEq> Timer<C> {
    fn new() -> Self {
        Self {
            sleep: None,
            cause: None,
        }
    }

    fn disarm(&mut self) {
        self.cause = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, cause: C, limit: Duration) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(limit)));
        if self.cause != Some(cause) {
            sleep.as_mut().reset(Instant::now() + limit);
            self.cause = Some(cause);
        }
        sleep.as_mut().poll(cx)
    }
}
