use std::fs;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use bookshelf_domain::Repositories;
use bookshelf_domain::covers::CoverStore;
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use bookshelf_memory::Memory;
use tempfile::TempDir;

use crate::TestDatabase;

/// An empty database with its repositories, and a store of covers. A test reaches a repository as a
/// field: `store.books`.
pub struct Store {
    repositories: Repositories,
    pub covers: Arc<dyn CoverStore>,
    /// Deleted with the store, after its users are gone.
    _folder: Option<TempDir>,
    _database: Option<TestDatabase>,
}

impl Deref for Store {
    type Target = Repositories;

    fn deref(&self) -> &Repositories {
        &self.repositories
    }
}

impl Store {
    pub fn memory() -> Self {
        let memory = Memory::new();
        Self {
            repositories: memory.repositories(),
            covers: memory.covers(),
            _folder: None,
            _database: None,
        }
    }

    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bookshelf.db");
        fs::write(&file, migrated()).unwrap();
        let sqlite = Sqlite::open(SqliteConfig::new(file)).unwrap();
        Self {
            repositories: sqlite.repositories(),
            covers: Arc::new(ObjectCoverStore::folder(&folder.path().join("covers")).unwrap()),
            _folder: Some(folder),
            _database: None,
        }
    }

    /// Returns nothing if the tests have no PostgreSQL.
    pub fn postgres() -> Option<Self> {
        let database = TestDatabase::create()?;
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres::connect(PostgresConfig::parse(database.url()).unwrap()).unwrap();
        Some(Self {
            repositories: postgres.repositories(),
            covers: Arc::new(ObjectCoverStore::folder(folder.path()).unwrap()),
            _folder: Some(folder),
            _database: Some(database),
        })
    }
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
