use std::cell::Cell;
use std::rc::Rc;

use bookshelf_domain::StoreError;
use diesel_async::AsyncPgConnection;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::connection::{Connector, SharedConnection, unreachable_server};
use super::error::ends_connection;
use crate::failure::Failure;

/// A connection that many reads use at once. Each waits only for its own answer.
pub(super) struct Reader {
    connector: Connector,
    shared: Mutex<Option<Rc<SharedConnection>>>,
    /// The number of failed attempts to connect.
    failures: Cell<u64>,
}

impl Reader {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, shared: Mutex::new(None), failures: Cell::new(0) }
    }

    pub(super) async fn read<T, E: From<StoreError>>(
        &self,
        work: impl AsyncFnOnce(&mut &AsyncPgConnection) -> Result<T, Failure<E>>,
    ) -> Result<T, Failure<E>> {
        let shared = self.connection().await.map_err(Failure::Store)?;
        match timeout(self.connector.config.answer_timeout(), work(&mut &shared.connection)).await {
            Ok(Err(Failure::Database(error))) if ends_connection(&error) => {
                self.discard(&shared).await;
                Err(Failure::Database(error))
            }
            Ok(outcome) => outcome,
            Err(_) => {
                self.discard(&shared).await;
                let late = StoreError::Unavailable("PostgreSQL does not respond".into());
                Err(Failure::Store(late))
            }
        }
    }

    /// Returns the connection, or a new one if it has ended.
    pub(super) async fn connection(&self) -> Result<Rc<SharedConnection>, StoreError> {
        let failures = self.failures.get();
        let mut shared = self.shared.lock().await;
        if let Some(open) = &*shared
            && open.is_open()
        {
            return Ok(open.clone());
        }
        // A job that waited while another job failed to connect does not try again.
        if self.failures.get() != failures {
            return Err(StoreError::Unavailable("cannot connect to PostgreSQL".into()));
        }
        *shared = None;
        match self.connector.connect_shared().await {
            Ok(fresh) => Ok(shared.insert(Rc::new(fresh)).clone()),
            Err(error) => {
                self.failures.set(self.failures.get() + 1);
                Err(unreachable_server(&error))
            }
        }
    }

    /// Lets the next job open a new connection. Jobs that use this one may still wait for their
    /// answers until it closes.
    async fn discard(&self, discarded: &Rc<SharedConnection>) {
        let mut shared = self.shared.lock().await;
        if shared.as_ref().is_some_and(|shared| Rc::ptr_eq(shared, discarded)) {
            *shared = None;
        }
    }
}
