use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::LazyLock;
use std::thread;

use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig};
use tokio_postgres::{Client, NoTls};

use crate::servers;

/// A database of PostgreSQL, which is dropped together with this value.
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// Creates a migrated database without rows. Returns nothing if the tests have no PostgreSQL.
    pub fn create() -> Option<Self> {
        static TEMPLATE: LazyLock<Option<(String, String)>> = LazyLock::new(|| {
            let server = servers::postgres()?;
            let template = make_template(&server);
            Some((server, template))
        });
        let (server, template) = TEMPLATE.as_ref()?;
        Some(Self::copy(server, template))
    }

    /// Creates a database without tables. Returns nothing if the tests have no PostgreSQL.
    pub fn without_tables() -> Option<Self> {
        Some(Self::copy(&servers::postgres()?, "template0"))
    }

    fn copy(server: &str, template: &str) -> Self {
        let name = format!("bookshelf_test_{}", servers::unique());
        execute(server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { server: server.to_owned(), url: on_database(server, &name), name }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        execute(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Replaces the database in a URL.
fn on_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
    let query = rest.find('?').map_or("", |at| &rest[at..]);
    format!("{scheme}://{authority}/{name}{query}")
}

/// Makes the template that test databases are copied from, unless an earlier run has made it. Its
/// name contains a digest of the migrations. It is kept for later runs.
fn make_template(server: &str) -> String {
    let template = format!("bookshelf_template_{:016x}", digest_of_migrations());
    let made = format!("bookshelf_test_{}", servers::unique());
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{template}'");
    // The lock keeps other processes from making it at the same time; it ends with the connection.
    let lock = "SELECT pg_advisory_lock(hashtext('bookshelf template'))";
    with(server, async move |client| {
        client.batch_execute(lock).await.unwrap();
        if client.query_one(&count, &[]).await.unwrap().get::<_, i64>(0) == 1 {
            return template;
        }
        client.batch_execute(&format!("CREATE DATABASE {made}")).await.unwrap();
        migrate(&on_database(server, &made));
        // It gets its name last, so that an unfinished template is never used.
        let rename = format!("ALTER DATABASE {made} RENAME TO {template}");
        client.batch_execute(&rename).await.unwrap();
        template
    })
}

fn digest_of_migrations() -> u64 {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres"));
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    files.sort();
    let mut digest = DefaultHasher::new();
    for file in files {
        (&file, fs::read(&file).unwrap()).hash(&mut digest);
    }
    digest.finish()
}

fn migrate(url: &str) {
    let config = PostgresConfig::parse(url).unwrap();
    Postgres::connect(config).unwrap().migrate().unwrap();
}

/// Runs a statement outside a transaction, as CREATE DATABASE requires.
pub(crate) fn execute(server: &str, statement: &str) {
    with(server, async |client| client.batch_execute(statement).await.unwrap());
}

/// Runs `ask` on a thread with its own runtime, because the calling test may have one already.
fn with<T: Send>(server: &str, ask: impl AsyncFnOnce(Client) -> T + Send) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let talk = move || {
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            let answer = ask(client).await;
            connection.await.unwrap().unwrap();
            answer
        })
    };
    thread::scope(|scope| scope.spawn(talk).join().unwrap())
}
