use std::time::Duration;

use super::tls::Tls;
use super::url::{self, PostgresUrlError};

/// How a database is reached, and how long anything may take.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    pub(super) driver: tokio_postgres::Config,
    pub(super) tls: Tls,
    /// Threads that work on connections; the connections are shared out among them.
    pub threads: usize,
    /// Connections that point reads share.
    pub readers: usize,
    /// Connections for everything else.
    pub connections: usize,
    /// How much work may be under way or waiting.
    pub queue: usize,
    /// How long to wait for a connection, a new one included, unless the URL has a
    /// `connect_timeout`.
    pub wait: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may do nothing.
    pub idle_in_transaction_timeout: Duration,
}

impl PostgresConfig {
    /// Reads a URL as libpq does: `postgres://user:password@host:port/database`, and after it what
    /// the driver takes, `sslmode` (`disable`, `prefer`, `require`, `verify-ca`, `verify-full`) and
    /// `sslrootcert` (a file, or `system`).
    pub fn parse(url: &str) -> Result<Self, PostgresUrlError> {
        let (mut driver, tls) = url::parse(url)?;
        if driver.get_application_name().is_none() {
            driver.application_name("bookshelf");
        }
        let wait = Duration::from_millis(1_500);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            wait: driver.get_connect_timeout().copied().unwrap_or(wait),
            driver,
            tls,
            threads: (cores / 2).clamp(1, 4),
            readers: 4,
            connections: 16,
            queue: 4096,
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
            idle_in_transaction_timeout: Duration::from_secs(10),
        })
    }

    /// How long to wait for an answer. The server gives up before; this is for one that has stopped
    /// answering at all.
    pub(super) fn patience(&self) -> Duration {
        self.statement_timeout + Duration::from_millis(500)
    }
}
