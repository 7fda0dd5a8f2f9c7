//! Shares the steps of a stage among as many workers as the identity provider has.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Session;

/// Does `work` for every item, several at a time; returns when all are done.
pub(super) fn share<T: Sync>(session: &Session, items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            if session.has_given_up() {
                return;
            }
            work(item);
        }
    };
    std::thread::scope(|scope| {
        // This thread is one of them.
        for _ in 1..session.concurrency.min(items.len()) {
            scope.spawn(worker);
        }
        worker();
    });
}
