//! How long a peer or a handler may take.

use std::time::Duration;

/// Time limits of a listener. The defaults suit production; hosts and tests may shorten them.
///
/// ```
/// let deadlines = provost::Deadlines::default();
/// assert_eq!(deadlines.head.as_secs(), 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// From the connection to the end of the PROXY protocol's header, where it is required; the
    /// connection is closed.
    pub proxy: Duration,
    /// From the first byte of a request to the end of its head; the connection is closed.
    pub head: Duration,
    /// Without any byte of a next request; the connection is closed.
    pub idle: Duration,
    /// Without a byte of the answer being taken; the connection is closed.
    pub write: Duration,
    /// From the head to the last byte of the body; answered with 408.
    pub body: Duration,
    /// From the last byte of the request to the answer; answered with 503. By default a second less
    /// than the fifteen within which every client is answered, whatever hangs.
    pub handler: Duration,
    /// For what a refused client still sends, so that it can read the answer.
    pub linger: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            proxy: Duration::from_secs(3),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            body: Duration::from_secs(15),
            handler: Duration::from_secs(14),
            linger: Duration::from_secs(1),
        }
    }
}

impl Deadlines {
    /// The defaults with every limit cut to at most `most`.
    ///
    /// ```
    /// use std::time::Duration;
    /// let short = provost::Deadlines::at_most(Duration::from_millis(200));
    /// assert_eq!(short.idle, Duration::from_millis(200));
    /// ```
    pub fn at_most(most: Duration) -> Self {
        let Self {
            proxy,
            head,
            idle,
            write,
            body,
            handler,
            linger,
        } = Self::default();
        Self {
            proxy: proxy.min(most),
            head: head.min(most),
            idle: idle.min(most),
            write: write.min(most),
            body: body.min(most),
            handler: handler.min(most),
            linger: linger.min(most),
        }
    }
}
