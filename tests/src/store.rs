//! Empty databases to run a contract on.

use std::fs;
use std::sync::LazyLock;

use bookshelf_contract::{Fixture, Store};
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use bookshelf_memory::Memory;

use crate::TestDatabase;

/// Gives simultaneous calls to the runtime of the test.
pub fn on_tokio<S>(fixture: Fixture<S>) -> Fixture<S> {
    fixture.spawn(|task| drop(tokio::spawn(task)))
}

pub fn memory() -> Store {
    on_tokio(Fixture::new(Memory::new().repositories()))
}

pub fn sqlite() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bookshelf.db");
    fs::write(&file, migrated()).unwrap();
    let open = move || Sqlite::open(SqliteConfig::new(&file)).unwrap().repositories();
    let fixture = Fixture::new(open()).reopen(move || std::future::ready(open()));
    on_tokio(fixture.keep(folder))
}

/// Returns nothing if the tests have no PostgreSQL.
pub fn postgres() -> Option<Store> {
    let database = TestDatabase::create()?;
    let config = PostgresConfig::parse(database.url()).unwrap();
    let open = move || Postgres::connect(config.clone()).unwrap().repositories();
    let fixture = Fixture::new(open()).reopen(move || std::future::ready(open()));
    Some(on_tokio(fixture.keep(database)))
}

/// An empty SQLite file with every migration applied. Copying it is about a thousand times faster
/// than migrating a new file.
pub(crate) fn migrated() -> &'static [u8] {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bookshelf.db");
        let sqlite = Sqlite::open(SqliteConfig::new(&file)).unwrap();
        sqlite.migrate().unwrap();
        drop(sqlite);
        fs::read(file).unwrap()
    });
    &FILE
}
