use std::fs;
use std::sync::{Arc, LazyLock};

use bookshelf_domain::IdempotencyRepository;
use bookshelf_domain::accounts::{SessionRepository, UserRepository};
use bookshelf_domain::api_keys::ApiKeyRepository;
use bookshelf_domain::books::{BookReader, BookRepository};
use bookshelf_domain::covers::CoverStore;
use bookshelf_domain::shelves::ShelfRepository;
use bookshelf_infrastructure::accounts::{
    PostgresSessionRepository, PostgresUserRepository, SqliteSessionRepository,
    SqliteUserRepository,
};
use bookshelf_infrastructure::idempotency::{
    PostgresIdempotencyRepository, SqliteIdempotencyRepository,
};
use bookshelf_infrastructure::api_keys::{PostgresApiKeyRepository, SqliteApiKeyRepository};
use bookshelf_infrastructure::books::{PostgresBookRepository, SqliteBookRepository};
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig};
use bookshelf_infrastructure::shelves::{PostgresShelfRepository, SqliteShelfRepository};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use tempfile::TempDir;

use crate::TestDatabase;
use crate::fake::Fake;

/// Every repository of one empty store.
pub struct Store {
    pub book_reader: Arc<dyn BookReader>,
    pub books: Arc<dyn BookRepository>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub api_keys: Arc<dyn ApiKeyRepository>,
    pub shelves: Arc<dyn ShelfRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub covers: Arc<dyn CoverStore>,
    /// Where its files are, if it has any; they go with it.
    _folder: Option<TempDir>,
    _database: Option<TestDatabase>,
}

impl Store {
    pub fn fake() -> Self {
        let fake = Arc::new(Fake::default());
        Self {
            book_reader: fake.clone(),
            books: fake.clone(),
            users: fake.clone(),
            sessions: fake.clone(),
            api_keys: fake.clone(),
            shelves: fake.clone(),
            idempotency: fake.clone(),
            covers: fake,
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
            book_reader: Arc::new(SqliteBookRepository::new(sqlite.clone())),
            books: Arc::new(SqliteBookRepository::new(sqlite.clone())),
            users: Arc::new(SqliteUserRepository::new(sqlite.clone())),
            sessions: Arc::new(SqliteSessionRepository::new(sqlite.clone())),
            api_keys: Arc::new(SqliteApiKeyRepository::new(sqlite.clone())),
            shelves: Arc::new(SqliteShelfRepository::new(sqlite.clone())),
            idempotency: Arc::new(SqliteIdempotencyRepository::new(sqlite)),
            covers: Arc::new(ObjectCoverStore::folder(&folder.path().join("covers")).unwrap()),
            _folder: Some(folder),
            _database: None,
        }
    }

    /// None where tests are given no PostgreSQL.
    pub fn postgres() -> Option<Self> {
        let database = TestDatabase::create()?;
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres::connect(PostgresConfig::parse(database.url()).unwrap()).unwrap();
        Some(Self {
            book_reader: Arc::new(PostgresBookRepository::new(postgres.clone())),
            books: Arc::new(PostgresBookRepository::new(postgres.clone())),
            users: Arc::new(PostgresUserRepository::new(postgres.clone())),
            sessions: Arc::new(PostgresSessionRepository::new(postgres.clone())),
            api_keys: Arc::new(PostgresApiKeyRepository::new(postgres.clone())),
            shelves: Arc::new(PostgresShelfRepository::new(postgres.clone())),
            idempotency: Arc::new(PostgresIdempotencyRepository::new(postgres)),
            covers: Arc::new(ObjectCoverStore::folder(folder.path()).unwrap()),
            _folder: Some(folder),
            _database: Some(database),
        })
    }
}

/// An empty database file with every migration applied: to copy it takes a thousandth of the time.
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
