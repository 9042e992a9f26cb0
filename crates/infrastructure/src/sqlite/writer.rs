use std::sync::mpsc::Receiver;

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::QueryResult;

use super::config::SqliteConfig;
use super::connection::{Purpose, connect};
use super::job::Job;

/// The largest number of commands in one transaction.
const GROUP: usize = 256;

/// Runs commands until the queue is closed.
pub(super) fn serve(
    mut connection: SqliteConnection,
    config: &SqliteConfig,
    queue: &Receiver<Box<dyn Job>>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while let Ok(first) = queue.recv() {
        group.push(first);
        group.extend(queue.try_iter().take(GROUP - 1));
        let failed = commit(&mut connection, &mut group).err();
        group.drain(..).for_each(|job| job.answer(failed.as_ref()));
        if failed.is_some()
            && let Ok(fresh) = connect(config, Purpose::Write)
        {
            connection = fresh;
        }
    }
    if let Err(error) = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log was not written back into the database file");
    }
}

/// Runs the group in one transaction. After an error none of its commands has taken effect.
fn commit(connection: &mut SqliteConnection, group: &mut [Box<dyn Job>]) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
    if let [job] = group {
        return run_alone(connection, job.as_mut());
    }
    for job in group {
        if let Err(error) = run(connection, job.as_mut()) {
            // If the rollback fails too, the connection is replaced, which also rolls back.
            drop(AnsiTransactionManager::rollback_transaction(connection));
            return Err(error);
        }
    }
    AnsiTransactionManager::commit_transaction(connection)
}

/// Runs the only command of a transaction. It needs no savepoint, with which SQLite would keep a copy
/// of every page that a long command changes, and search these copies after each statement.
fn run_alone(connection: &mut SqliteConnection, job: &mut dyn Job) -> QueryResult<()> {
    if job.perform(connection) {
        return AnsiTransactionManager::commit_transaction(connection);
    }
    roll_back_to(0, connection)
}

/// Runs one command within a savepoint. If it fails, it is rolled back to that.
fn run(connection: &mut SqliteConnection, job: &mut dyn Job) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction(connection)?;
    if job.perform(connection) {
        return AnsiTransactionManager::commit_transaction(connection);
    }
    roll_back_to(1, connection)
}

/// Rolls back until this number of transactions and savepoints is open: 1 within a group, between its
/// commands. A command that panicked may have left more savepoints open than its own.
fn roll_back_to(wanted: u32, connection: &mut SqliteConnection) -> QueryResult<()> {
    while depth(connection)? > wanted {
        AnsiTransactionManager::rollback_transaction(connection)?;
    }
    Ok(())
}

fn depth(connection: &mut SqliteConnection) -> QueryResult<u32> {
    let open = AnsiTransactionManager::transaction_manager_status_mut(connection);
    Ok(open.transaction_depth()?.map_or(0, u32::from))
}
