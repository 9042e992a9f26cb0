//! Measures the work of databases, and the queues in front of it. Nothing here looks at the clock
//! while metrics are off.

use std::time::Instant;

use bookshelf_metrics::{OPERATION_DURATION, QUEUE_LENGTH, QUEUE_WAIT, are_on, gauge, histogram};

use crate::failure::Failure;

/// A kind of database. Its text is a value of a label.
#[derive(Debug, Clone, Copy)]
pub(crate) enum System {
    Sqlite,
    Postgres,
}

impl System {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }
}

/// What an engine does for an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A point read.
    Read,
    /// One statement that reads and may take longer.
    Query,
    /// Several statements that read the same state.
    Scan,
    /// One statement that writes.
    Statement,
    /// A transaction that writes.
    Write,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Query => "query",
            Self::Scan => "scan",
            Self::Statement => "statement",
            Self::Write => "write",
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// A rule of the domain refused it, such as a version that is not the expected one.
    Refused,
    /// The database failed.
    Failed,
    /// The queue was full.
    Busy,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Busy => "busy",
        }
    }

    pub(crate) const fn of<T, E>(outcome: &Result<T, Failure<E>>) -> Self {
        match outcome {
            Ok(_) => Self::Done,
            Err(Failure::Domain(_)) => Self::Refused,
            Err(Failure::Store(_) | Failure::Database(_)) => Self::Failed,
        }
    }
}

/// Measures one operation, from the moment when it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timer {
    system: System,
    operation: Operation,
    /// `None` while metrics are off.
    began: Option<Instant>,
}

impl Timer {
    pub(crate) fn start(system: System, operation: Operation) -> Self {
        Self { system, operation, began: are_on().then(Instant::now) }
    }

    pub(crate) fn end(self, outcome: Outcome) {
        let Some(began) = self.began else { return };
        let time = histogram!(
            OPERATION_DURATION.name,
            "db_system_name" => self.system.name(),
            "db_operation_name" => self.operation.name(),
            "outcome" => outcome.name()
        );
        time.record(began.elapsed());
    }
}

/// A place in a queue. It counts until its job begins, or leaves the queue.
#[derive(Debug)]
pub(crate) struct Queued(Option<(&'static str, Instant)>);

impl Queued {
    pub(crate) fn enter(queue: &'static str) -> Self {
        let place = are_on().then(|| (queue, Instant::now()));
        if place.is_some() {
            gauge!(QUEUE_LENGTH.name, "queue" => queue).increment(1.0);
        }
        Self(place)
    }

    /// The job begins. A job that leaves the queue before has not waited to its end, so its time is
    /// not measured.
    pub(crate) fn begin(self) {
        if let Some((queue, since)) = self.0 {
            histogram!(QUEUE_WAIT.name, "queue" => queue).record(since.elapsed());
        }
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        if let Some((queue, _)) = self.0 {
            gauge!(QUEUE_LENGTH.name, "queue" => queue).decrement(1.0);
        }
    }
}
