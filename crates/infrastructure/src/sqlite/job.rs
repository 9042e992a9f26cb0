use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bookshelf_domain::StoreError;
use bookshelf_sqlite_interrupt::stopping_when;
use diesel::SqliteConnection;
use diesel::result::Error;
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::error::{shared_store_error, store_error};
use crate::failure::{Failure, PortError, concluded};
use crate::metrics::{Outcome, Queued, Timer};
use crate::outage::Outage;

/// A job for a connection. The thread performs it and then answers it, without knowing its types.
pub(super) trait Job: Send {
    /// Whether the caller still waits for the answer.
    fn is_wanted(&self) -> bool;

    /// Does the work and keeps the outcome. Returns whether it succeeded. Never panics.
    fn perform(&mut self, connection: &mut SqliteConnection) -> bool;

    /// Sends the outcome to the caller, or `failed`, the error because of which the whole transaction
    /// was rolled back.
    fn answer(self: Box<Self>, failed: Option<&Error>);
}

pub(super) struct Task<F, T, E> {
    work: Option<F>,
    outcome: Option<Result<T, Failure<E>>>,
    /// Shared with the question whether the work shall stop.
    reply: Arc<oneshot::Sender<Result<T, E>>>,
    /// How long the work may take. It then also stops when the caller no longer waits. Work without
    /// a limit is not stopped: a write that stops would roll back the writes of others.
    limit: Option<Duration>,
    /// The place in the queue, until the work begins.
    queued: Option<Queued>,
    timer: Timer,
    outage: Arc<Outage>,
}

impl<F, T, E> Task<F, T, E> {
    pub(super) fn new(
        work: F,
        limit: Option<Duration>,
        queued: Queued,
        timer: Timer,
        outage: Arc<Outage>,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        let (work, queued, reply) = (Some(work), Some(queued), Arc::new(reply));
        (Self { work, outcome: None, reply, limit, queued, timer, outage }, answer)
    }
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send,
    T: Send + 'static,
    E: PortError,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn perform(&mut self, connection: &mut SqliteConnection) -> bool {
        let Some(work) = self.work.take() else { return false };
        if let Some(queued) = self.queued.take() {
            queued.begin();
        }
        // The thread rolls back what a panicked job has left open on the connection.
        let run = || catch_unwind(AssertUnwindSafe(|| run(work, connection))).ok();
        self.outcome = match self.limit {
            None => run(),
            Some(limit) => {
                let (reply, began) = (Arc::clone(&self.reply), Instant::now());
                stopping_when(move || reply.is_closed() || began.elapsed() >= limit, run)
            }
        };
        matches!(self.outcome, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&Error>) {
        self.timer.end(match (failed, &self.outcome) {
            (None, Some(outcome)) => Outcome::of(outcome),
            _ => Outcome::Failed,
        });
        if self.reply.is_closed() {
            // The caller has stopped waiting, which can have stopped the work. That is no outage.
            return;
        }
        let outcome = match (failed, self.outcome) {
            (Some(error), _) => Err(Failure::Store(shared_store_error(error))),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Failure::Store(StoreError::unexpected("a database job panicked"))),
        };
        let answer = concluded(outcome, store_error, &self.outage);
        // Nothing else shares the sender after the work. The caller may have stopped waiting.
        drop(Arc::into_inner(self.reply).map(|reply| reply.send(answer)));
    }
}

/// Statements on SQLite run in place, so the future of the work is ready when it is first polled.
fn run<T, E: PortError>(
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>>,
    connection: &mut SqliteConnection,
) -> Result<T, Failure<E>> {
    work(connection).now_or_never().unwrap_or_else(|| {
        let waits =
            StoreError::unexpected("a database job waits for something other than its statements");
        Err(Failure::Store(waits))
    })
}
