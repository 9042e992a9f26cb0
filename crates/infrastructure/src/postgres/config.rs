use std::time::Duration;

use super::tls::Tls;
use super::url::{self, PostgresUrlError};

/// The address of a database, and the limits of time and number.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    pub(super) driver: tokio_postgres::Config,
    pub(super) tls: Tls,
    /// The number of threads that work on connections. The connections are divided among them.
    pub threads: usize,
    /// The number of connections that point reads share.
    pub readers: usize,
    /// The number of connections for everything else.
    pub connections: usize,
    /// The number of jobs that may run or wait.
    pub queue: usize,
    /// How long to wait for a connection, or for a new one to be set up, unless the URL has a
    /// `connect_timeout`.
    pub wait: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may be idle.
    pub idle_in_transaction_timeout: Duration,
}

impl PostgresConfig {
    /// Reads a URL as libpq does: `postgres://user:password@host:port/database`, and then the
    /// parameters of the driver, `sslmode` (`disable`, `prefer`, `require`, `verify-ca`,
    /// `verify-full`) and `sslrootcert` (a file, or `system`).
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

    /// How long to wait for an answer. The timeouts of the server are shorter, so this one matters
    /// only when the server does not respond at all.
    pub(super) fn answer_timeout(&self) -> Duration {
        self.statement_timeout + Duration::from_millis(500)
    }
}
