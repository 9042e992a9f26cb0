use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use bookshelf_domain::StoreError;
use diesel_async::AsyncPgConnection;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{LocalSet, spawn_local};

use super::config::PostgresConfig;
use super::connection::Connector;
use super::connections::Connections;
use super::error::store_error;
use crate::failure::{Failure, PortError, concluded};
use crate::metrics::{Operation, Outcome, System, Timer};
use crate::outage::Outage;
use bookshelf_domain::error_chain;

/// A database and the threads that work on it. Clones share them. No runtime has to run around it.
///
/// Dropping the last clone waits for the running jobs to end. A job must not hold a clone, because
/// its thread would then wait for itself.
#[derive(Clone)]
pub struct Postgres(Arc<Engine>);

struct Engine {
    connector: Connector,
    lanes: Vec<Lane>,
    next: AtomicUsize,
    /// Has a permit for each job that may run or wait.
    permits: Arc<Semaphore>,
    outages: Outages,
}

/// The outages of each kind of job.
struct Outages {
    point_reads: Arc<Outage>,
    slow_reads: Arc<Outage>,
    writes: Arc<Outage>,
}

impl Outages {
    const fn of(&self, operation: Operation) -> &Arc<Outage> {
        match operation {
            Operation::Read => &self.point_reads,
            Operation::Query | Operation::Scan => &self.slow_reads,
            Operation::Statement | Operation::Write => &self.writes,
        }
    }
}

/// A thread, and the queue to it.
struct Lane {
    jobs: Option<UnboundedSender<Job>>,
    /// Each job that needs a connection of its own holds a clone, so their count is known.
    under_way: Arc<()>,
    thread: Option<JoinHandle<()>>,
}

/// A job for a thread. It also sends the outcome to the caller.
type Job = Box<dyn FnOnce(Rc<Connections>) -> Task + Send>;
type Task = std::pin::Pin<Box<dyn Future<Output = ()>>>;

impl Postgres {
    /// Starts the threads and checks that the server accepts connections. It blocks, so it belongs
    /// to the start of a program. It does not migrate.
    pub fn connect(config: PostgresConfig) -> Result<Self, StoreError> {
        let postgres = Self::open(config)?;
        let (reply, answer) = std::sync::mpsc::channel();
        postgres.0.next_lane()?.send(Box::new(move |connections| {
            Box::pin(async move { drop(reply.send(connections.check().await)) })
        }))?;
        answer.recv().unwrap_or_else(|_| Err(panicked()))?;
        Ok(postgres)
    }

    /// Starts the threads without checking the server, which may be unreachable.
    pub fn open(config: PostgresConfig) -> Result<Self, StoreError> {
        let connector = Connector::new(config)?;
        let config = &connector.config;
        let threads = config.threads.max(1);
        let share = |connections: usize| connections.div_ceil(threads).max(1);
        let lanes = (0..threads)
            .map(|_| Lane::start(&connector, share(config.readers), share(config.connections)))
            .collect::<Result<_, _>>()?;
        let permits = Arc::new(Semaphore::new(config.queue));
        let outage = |of| Arc::new(Outage::of(of));
        let outages = Outages {
            point_reads: outage("point reads of PostgreSQL"),
            slow_reads: outage("slow reads of PostgreSQL"),
            writes: outage("writes to PostgreSQL"),
        };
        let next = AtomicUsize::new(0);
        Ok(Self(Arc::new(Engine { connector, lanes, next, permits, outages })))
    }

    /// How many slow reads may run at once. They leave a quarter of the connections to writes.
    pub fn slow_reads(&self) -> usize {
        (self.0.connector.config.connections * 3 / 4).max(1)
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.0.connector
    }

    /// Runs a point read: one statement, which finds a few rows by an index.
    pub(crate) async fn read<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut &AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        let lane = self.0.next_lane()?;
        let read = async move |connections: Rc<Connections>| connections.read(work).await;
        self.0.ask(lane, Operation::Read, read).await
    }

    /// Runs one statement that reads and may take longer.
    pub(crate) async fn query<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.run(Operation::Query, work).await
    }

    /// Runs several statements that read and may take longer. All of them see the same state.
    pub(crate) async fn scan<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.run(Operation::Scan, work).await
    }

    /// Runs one statement that writes.
    pub(crate) async fn statement<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.run(Operation::Statement, work).await
    }

    /// Runs several statements as one transaction. If it returns an error, none of its writes
    /// remain. It must return an error if one of its statements did.
    pub(crate) async fn write<T: Send + 'static, E: PortError>(
        &self,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        self.run(Operation::Write, work).await
    }

    async fn run<T: Send + 'static, E: PortError>(
        &self,
        operation: Operation,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        let lane = self.0.quietest_lane()?;
        let under_way = lane.under_way.clone();
        let work = async move |connections: Rc<Connections>| {
            let outcome = connections.run(operation, work).await;
            drop(under_way);
            outcome
        };
        self.0.ask(lane, operation, work).await
    }
}

impl Engine {
    /// A job that has begun runs to its end, even if the caller no longer waits for it.
    async fn ask<T: Send + 'static, E: PortError>(
        &self,
        lane: &Lane,
        operation: Operation,
        work: impl AsyncFnOnce(Rc<Connections>) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, E> {
        let timer = Timer::start(System::Postgres, operation);
        let outage = self.outages.of(operation);
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| {
            timer.end(Outcome::Busy);
            let full = "too many requests are waiting for the database; try again later";
            let error = StoreError::Unavailable(full.into());
            outage.failed(&error);
            error
        })?;
        let outage = Arc::clone(outage);
        let (reply, answer) = oneshot::channel();
        lane.send(Box::new(move |connections| {
            Box::pin(async move {
                let outcome = work(connections).await;
                timer.end(Outcome::of(&outcome));
                // The caller may have stopped waiting.
                drop(reply.send(concluded(outcome, store_error, &outage)));
                drop(permit);
            })
        }))?;
        answer.await.unwrap_or_else(|_| Err(panicked().into()))
    }

    /// Point reads take microseconds, so each thread gets the same number of them.
    fn next_lane(&self) -> Result<&Lane, StoreError> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.lanes.get(next % self.lanes.len().max(1)).ok_or_else(panicked)
    }

    /// The thread with the most free connections. Slow reads leave some connections free, and a
    /// write must not wait on a thread that has none.
    fn quietest_lane(&self) -> Result<&Lane, StoreError> {
        let quietest = self.lanes.iter().min_by_key(|lane| Arc::strong_count(&lane.under_way));
        quietest.ok_or_else(panicked)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for lane in &mut self.lanes {
            lane.jobs = None;
        }
        for thread in self.lanes.iter_mut().filter_map(|lane| lane.thread.take()) {
            if thread.join().is_err() {
                tracing::error!("a database thread panicked");
            }
        }
    }
}

impl Lane {
    fn start(connector: &Connector, readers: usize, pooled: usize) -> Result<Self, StoreError> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(StoreError::unexpected)?;
        let connector = connector.clone();
        let (jobs, queue) = mpsc::unbounded_channel();
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || serve(&runtime, connector, readers, pooled, queue))
            .map_err(StoreError::unexpected)?;
        Ok(Self { jobs: Some(jobs), under_way: Arc::default(), thread: Some(thread) })
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or_else(panicked)?;
        jobs.send(job).map_err(|_| panicked())
    }
}

/// Starts jobs until the queue is closed, and then waits for them to end.
fn serve(
    runtime: &Runtime,
    connector: Connector,
    readers: usize,
    pooled: usize,
    mut queue: UnboundedReceiver<Job>,
) {
    let tasks = LocalSet::new();
    tasks.spawn_local(async move {
        let connections = match Connections::new(connector, readers, pooled) {
            Ok(connections) => Rc::new(connections),
            Err(error) => {
                let error = error_chain(&error);
                return tracing::error!(error, "a database thread cannot set up its connections");
            }
        };
        while let Some(job) = queue.recv().await {
            spawn_local(job(connections.clone()));
        }
    });
    runtime.block_on(tasks);
}

/// The error of a job whose thread or task panicked.
fn panicked() -> StoreError {
    StoreError::unexpected("work on the database panicked")
}
