use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::sync::Once;
use std::{env, thread};

use tokio_postgres::{Client, NoTls};

use crate::postgres::{Postgres, PostgresConfig};

/// An empty database on the server of `TEST_DATABASE_URL`. It is dropped with this.
pub(crate) struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// Returns `None` if no server is configured, and reports that once.
    pub(crate) fn create() -> Option<Self> {
        static REPORTED: Once = Once::new();
        let Ok(server) = env::var("TEST_DATABASE_URL") else {
            // The test harness hides the output of eprintln when a test passes.
            let notice = b"skipped: tests on PostgreSQL, because TEST_DATABASE_URL is not set\n";
            REPORTED.call_once(|| io::stderr().write_all(notice).unwrap());
            return None;
        };
        let name = format!("bookshelf_unit_{:016x}", RandomState::new().build_hasher().finish());
        execute(&server, format!("CREATE DATABASE {name}"));
        Some(Self { server, name })
    }

    fn url(&self) -> String {
        let (place, query) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let authority = place.find("://").unwrap() + 3;
        let end = place[authority..].find('/').map_or(place.len(), |slash| authority + slash);
        format!("{}/{}?{query}", &place[..end], self.name)
    }

    pub(crate) fn config(&self) -> PostgresConfig {
        PostgresConfig::parse(&self.url()).unwrap()
    }

    /// A connection on which a test runs single statements.
    pub(crate) async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    pub(crate) fn migrated(&self) -> Postgres {
        let postgres = Postgres::connect(self.config()).unwrap();
        postgres.migrate().unwrap();
        postgres
    }

    /// Closes every connection to this database, as an administrator may.
    pub(crate) fn disconnect_all(&self) {
        let name = &self.name;
        execute(
            &self.server,
            format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        execute(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Runs a statement on a thread of its own, because the test has a runtime around it.
fn execute(server: &str, statement: String) {
    let talk = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            client.batch_execute(&statement).await.unwrap();
            drop(client);
            connection.await.unwrap().unwrap();
        });
    };
    thread::scope(|scope| scope.spawn(talk).join().unwrap());
}
