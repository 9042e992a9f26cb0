//! Measures the pools of connections. Nothing here looks at the clock while metrics are off.

use std::cell::Cell;
use std::time::Instant;

use bookshelf_metrics::{
    CONNECTION_COUNT, CONNECTION_TIMEOUTS, CONNECTION_WAIT, PENDING_REQUESTS, are_on, counter,
    gauge, histogram,
};

/// The connections of one pool that the gauges contain. Every thread has a pool, and the gauges are
/// the sums over all of them.
#[derive(Debug, Default)]
pub(super) struct PoolStates {
    used: Cell<usize>,
    idle: Cell<usize>,
}

impl PoolStates {
    /// Corrects the gauges. `count` returns how many connections are used and how many are idle.
    pub(super) fn note(&self, count: impl FnOnce() -> (usize, usize)) {
        if !are_on() {
            return;
        }
        let (used, idle) = count();
        for (state, seen, now) in [("used", &self.used, used), ("idle", &self.idle, idle)] {
            let before = seen.replace(now);
            if before != now {
                let gauge = gauge!(CONNECTION_COUNT.name, "db_client_connection_state" => state);
                gauge.increment(now as f64 - before as f64);
            }
        }
    }
}

/// A job that waits for a connection.
pub(super) struct ConnectionWait(Option<Instant>);

impl ConnectionWait {
    pub(super) fn begin() -> Self {
        let began = are_on().then(Instant::now);
        if began.is_some() {
            gauge!(PENDING_REQUESTS.name).increment(1.0);
        }
        Self(began)
    }

    /// Measures the wait, which ended with a connection or with an error.
    pub(super) fn end(self, was_too_long: bool) {
        let Some(began) = self.0 else { return };
        histogram!(CONNECTION_WAIT.name).record(began.elapsed());
        if was_too_long {
            counter!(CONNECTION_TIMEOUTS.name).increment(1);
        }
    }
}

impl Drop for ConnectionWait {
    fn drop(&mut self) {
        if self.0.is_some() {
            gauge!(PENDING_REQUESTS.name).decrement(1.0);
        }
    }
}
