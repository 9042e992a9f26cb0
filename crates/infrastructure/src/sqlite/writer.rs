use std::sync::mpsc::Receiver;

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::result::{Error, QueryResult};

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
    for job in group {
        if let Err(error) = run(connection, job.as_mut()) {
            // If the rollback fails too, the connection is replaced, which also rolls back.
            drop(AnsiTransactionManager::rollback_transaction(connection));
            return Err(error);
        }
    }
    AnsiTransactionManager::commit_transaction(connection)
}

/// Runs one command within a savepoint. If it fails, it is rolled back to that.
fn run(connection: &mut SqliteConnection, job: &mut dyn Job) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction(connection)?;
    if job.perform(connection) {
        return AnsiTransactionManager::commit_transaction(connection);
    }
    // A command that panicked may have left more savepoints open.
    while depth(connection)? > 1 {
        AnsiTransactionManager::rollback_transaction(connection)?;
    }
    Ok(())
}

/// The number of open transactions and savepoints: 1 within a group, between its commands.
fn depth(connection: &mut SqliteConnection) -> QueryResult<u32> {
    AnsiTransactionManager::transaction_manager_status_mut(connection)
        .transaction_depth()?
        .map(u32::from)
        .ok_or(Error::NotInTransaction)
}
