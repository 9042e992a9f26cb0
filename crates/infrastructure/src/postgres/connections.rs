use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bookshelf_domain::StoreError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use tokio::time::{Instant, sleep, timeout};

use super::connection::{Connector, unreachable_server};
use super::pool_metrics::{ConnectionWait, PoolStates};
use super::reader::Reader;
use crate::failure::Failure;
use crate::metrics::Operation;

/// The connections of one thread.
pub(super) struct Connections {
    connector: Connector,
    readers: Vec<Reader>,
    next: Cell<usize>,
    pool: Pool<AsyncPgConnection>,
    states: PoolStates,
}

impl Connections {
    pub(super) fn new(
        connector: Connector,
        readers: usize,
        pooled: usize,
    ) -> Result<Self, StoreError> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let dialler = connector.clone();
        config.custom_setup = Box::new(move |_| {
            let dialler = dialler.clone();
            Box::pin(async move { dialler.connect().await })
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        let pool = Pool::builder(manager).max_size(pooled).build();
        Ok(Self {
            readers: (0..readers).map(|_| Reader::new(connector.clone())).collect(),
            next: Cell::new(0),
            pool: pool.map_err(StoreError::unexpected)?,
            connector,
            states: PoolStates::default(),
        })
    }

    /// Checks that the server accepts a connection.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.reader()?.connection().await.map(|_| ())
    }

    pub(super) async fn read<T, E: From<StoreError>>(
        &self,
        work: impl AsyncFnOnce(&mut &AsyncPgConnection) -> Result<T, Failure<E>>,
    ) -> Result<T, Failure<E>> {
        let reader = self.reader().map_err(Failure::Store)?;
        reader.read(work).await
    }

    fn reader(&self) -> Result<&Reader, StoreError> {
        let next = self.next.get();
        self.next.set(next.wrapping_add(1));
        self.readers
            .get(next % self.readers.len().max(1))
            .ok_or_else(|| StoreError::unexpected("no connections are configured for reads"))
    }

    pub(super) async fn run<T, E: From<StoreError>>(
        &self,
        operation: Operation,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>>,
    ) -> Result<T, Failure<E>> {
        // It is dropped after the connection, which then is idle.
        let _states = NoteStates(self);
        let mut connection = self.pooled().await.map_err(Failure::Store)?;
        let running = within(operation, &mut connection, work);
        match answered_within(self.connector.config.answer_timeout(), running).await {
            Some(outcome) => outcome,
            None => {
                // The server may still be executing something. It rolls back when it finds the
                // connection closed.
                drop(Object::take(connection));
                let late = StoreError::Unavailable("PostgreSQL does not respond".into());
                Err(Failure::Store(late))
            }
        }
    }

    fn note_states(&self) {
        self.states.note(|| {
            let status = self.pool.status();
            (status.size.saturating_sub(status.available), status.available)
        });
    }

    async fn pooled(&self) -> Result<Object<AsyncPgConnection>, StoreError> {
        let wait = ConnectionWait::begin();
        let connection = timeout(self.connector.config.wait, self.pool.get()).await;
        wait.end(connection.is_err());
        self.note_states();
        match connection {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(unreachable_server(&error)),
            Err(_) => Err(StoreError::Unavailable(
                "all connections to PostgreSQL are in use; try again later".into(),
            )),
        }
    }
}

/// Measures the states of the connections when it is dropped.
struct NoteStates<'c>(&'c Connections);

impl Drop for NoteStates<'_> {
    fn drop(&mut self) {
        self.0.note_states();
    }
}

/// Does the work, which may take many statements. Gives it up and returns `None` if the work gets no
/// answer from the server for this long.
async fn answered_within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut timer) = (pin!(work), pin!(sleep(limit)));
    poll_fn(|context| {
        if let Poll::Ready(outcome) = work.as_mut().poll(context) {
            return Poll::Ready(Some(outcome));
        }
        if timer.is_elapsed() {
            return Poll::Ready(None);
        }
        // Something woke the work, so the server has answered.
        timer.as_mut().reset(Instant::now() + limit);
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}

async fn within<T, E>(
    operation: Operation,
    conn: &mut AsyncPgConnection,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure<E>>,
) -> Result<T, Failure<E>> {
    let begin = match operation {
        Operation::Read | Operation::Query | Operation::Statement => return work(conn).await,
        // All statements see the same state.
        Operation::Scan => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        // Each statement sees all that was committed before it. A statement that follows a wait for a
        // lock sees what the last holder of the lock wrote.
        Operation::Write => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    AnsiTransactionManager::begin_transaction_sql(conn, begin).await?;
    let outcome = work(conn).await;
    if outcome.is_ok() {
        AnsiTransactionManager::commit_transaction(conn).await?;
    } else {
        // If the rollback fails, the pool drops the connection, which also rolls back.
        drop(AnsiTransactionManager::rollback_transaction(conn).await);
    }
    outcome
}
