use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::config::SqliteConfig;
use super::connection::{Purpose, connect};
use super::job::Job;

/// Runs reads until the queue is closed, up to `batch` of them in one transaction.
pub(super) fn serve(
    mut connection: SqliteConnection,
    purpose: Purpose,
    config: &SqliteConfig,
    queue: &Mutex<Receiver<Box<dyn Job>>>,
    batch: usize,
) {
    let mut jobs = Vec::with_capacity(batch);
    while take(queue, batch, &mut jobs) {
        jobs.retain(|job| job.is_wanted());
        if jobs.is_empty() {
            continue;
        }
        if !answer_all(&mut connection, &mut jobs)
            && let Ok(fresh) = connect(config, purpose)
        {
            connection = fresh;
        }
    }
}

/// Waits for a job and takes the other queued jobs too. It takes all of them before the transaction
/// begins, because a read must see every write that was answered before the read was queued.
fn take(queue: &Mutex<Receiver<Box<dyn Job>>>, batch: usize, jobs: &mut Vec<Box<dyn Job>>) -> bool {
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(first) = queue.recv() else { return false };
    jobs.push(first);
    jobs.extend(queue.try_iter().take(batch - 1));
    true
}

/// Returns whether the connection is still usable.
fn answer_all(connection: &mut SqliteConnection, jobs: &mut Vec<Box<dyn Job>>) -> bool {
    if let Err(error) = AnsiTransactionManager::begin_transaction(connection) {
        jobs.drain(..).for_each(|job| job.answer(Some(&error)));
        return false;
    }
    for mut job in jobs.drain(..) {
        job.perform(connection);
        job.answer(None);
    }
    AnsiTransactionManager::commit_transaction(connection).is_ok()
        && !AnsiTransactionManager::is_broken_transaction_manager(connection)
}
