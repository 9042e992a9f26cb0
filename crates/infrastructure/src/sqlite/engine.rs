use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel::SqliteConnection;

use super::config::SqliteConfig;
use super::connection::{Purpose, connect};
use super::job::{Job, Task};
use super::{reader, writer};
use crate::failure::{Failure, PortError};
use crate::metrics::{Operation, Outcome, Queued, System, Timer};
use crate::outage::Outage;

/// The largest number of point reads in one transaction.
const READ_BATCH: usize = 64;
const CLOSING_POLL: Duration = Duration::from_millis(5);

/// A database file and the threads that work on it. Clones share them.
///
/// Dropping the last clone waits for the queued jobs to end. A job must not hold a clone, because
/// its thread would then wait for itself.
#[derive(Clone)]
pub struct Sqlite(Arc<Engine>);

struct Engine {
    config: SqliteConfig,
    reads: Lane,
    scans: Lane,
    writes: Lane,
}

impl Sqlite {
    /// How many slow reads run at once. A client should get only a part of them, because each may
    /// take up to [`SqliteConfig::scan_timeout`].
    pub const SLOW_READS: usize = 4;

    /// Opens the file, or creates it if there is none, and starts the threads. It does not migrate.
    pub fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        // The writer comes first: it creates the file that the readers open.
        let writer = connect(&config, Purpose::Write)?;
        let writes =
            Lane::start("sqlite-write", "writes to SQLite", config.write_queue, None, |queue| {
                let config = config.clone();
                Ok(vec![spawn("sqlite-write", move || writer::serve(writer, &config, &queue))?])
            })?;
        let reads = Lane::of_readers(Purpose::Read, 1, READ_BATCH, &config)?;
        let scans = Lane::of_readers(Purpose::Scan, Sqlite::SLOW_READS, 1, &config)?;
        Ok(Self(Arc::new(Engine { config, reads, scans, writes })))
    }

    /// Closes the database when no other clone is left, or when `patience` is over: threads that
    /// are about to end may still hold a clone.
    pub fn close(self, patience: Duration) {
        let mut waited = Duration::ZERO;
        while Arc::strong_count(&self.0) > 1 && waited < patience {
            thread::sleep(CLOSING_POLL);
            waited += CLOSING_POLL;
        }
    }

    pub(super) fn config(&self) -> &SqliteConfig {
        &self.0.config
    }

    /// Runs a point read: one statement, which finds a few rows by an index.
    pub(crate) async fn read<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.reads.ask(Operation::Read, work).await
    }

    /// Runs one statement that reads and may take longer.
    pub(crate) async fn query<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.scans.ask(Operation::Query, work).await
    }

    /// Runs several statements that read and may take longer. All of them see the same state.
    pub(crate) async fn scan<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.scans.ask(Operation::Scan, work).await
    }

    /// Runs one statement that writes.
    pub(crate) async fn statement<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.writes.ask(Operation::Statement, work).await
    }

    /// Runs several statements as one transaction. If it returns an error, none of its writes
    /// remain. It sees every command before it, and is on the disk when this returns.
    pub(crate) async fn write<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.0.writes.ask(Operation::Write, work).await
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The writer ends last: it writes the log into the file, which is possible only when no
        // reader uses the log.
        self.reads.finish();
        self.scans.finish();
        self.writes.finish();
    }
}

/// A bounded queue, and the threads that run its jobs.
struct Lane {
    name: &'static str,
    queue: Option<SyncSender<Box<dyn Job>>>,
    /// How long a job may take.
    limit: Option<Duration>,
    outage: Arc<Outage>,
    threads: Vec<JoinHandle<()>>,
}

impl Lane {
    fn start(
        name: &'static str,
        work: &'static str,
        bound: usize,
        limit: Option<Duration>,
        threads: impl FnOnce(Receiver<Box<dyn Job>>) -> Result<Vec<JoinHandle<()>>, StoreError>,
    ) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::sync_channel(bound);
        let outage = Arc::new(Outage::of(work));
        Ok(Self { name, threads: threads(jobs)?, queue: Some(queue), limit, outage })
    }

    fn of_readers(
        purpose: Purpose,
        count: usize,
        batch: usize,
        config: &SqliteConfig,
    ) -> Result<Self, StoreError> {
        let (name, work, bound, limit) = match purpose {
            Purpose::Scan => (
                "sqlite-scan",
                "slow reads of SQLite",
                config.scan_queue,
                Some(config.scan_timeout),
            ),
            _ => ("sqlite-read", "point reads of SQLite", config.read_queue, None),
        };
        Self::start(name, work, bound, limit, |queue| {
            let queue = Arc::new(Mutex::new(queue));
            (0..count)
                .map(|_| {
                    let (queue, config) = (Arc::clone(&queue), config.clone());
                    let connection = connect(&config, purpose)?;
                    spawn(name, move || reader::serve(connection, purpose, &config, &queue, batch))
                })
                .collect()
        })
    }

    async fn ask<T: Send + 'static, E: PortError>(
        &self,
        operation: Operation,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        let timer = Timer::start(System::Sqlite, operation);
        let (queued, outage) = (Queued::enter(self.name), Arc::clone(&self.outage));
        let (task, answer) = Task::new(work, self.limit, queued, timer, outage);
        self.send(Box::new(task)).inspect_err(|error| {
            timer.end(Outcome::Busy);
            self.outage.failed(error);
        })?;
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::unexpected("a database thread has ended").into()))
    }

    fn send(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let Some(queue) = &self.queue else {
            return Err(StoreError::Unavailable("the database is being closed".into()));
        };
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable(
                "too many requests are waiting for the database; try again later".into(),
            ),
            TrySendError::Disconnected(_) => StoreError::unexpected("a database thread has ended"),
        })
    }

    /// Accepts no more jobs, and waits for the queued ones to end.
    fn finish(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a database thread panicked");
            }
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new().name(name.into()).spawn(work).map_err(StoreError::unexpected)
}
