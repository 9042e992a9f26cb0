//! The database that the settings name.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bookshelf_domain::accounts::{SessionRepository, UserRepository};
use bookshelf_domain::api_keys::ApiKeyRepository;
use bookshelf_domain::books::BookRepository;
use bookshelf_domain::shelves::ShelfRepository;
use bookshelf_domain::{AnswerRepository, StoreError};
use bookshelf_infrastructure::MigrationState;
use bookshelf_infrastructure::accounts::{
    PostgresSessionRepository, PostgresUserRepository, SqliteSessionRepository,
    SqliteUserRepository,
};
use bookshelf_infrastructure::answers::{PostgresAnswerRepository, SqliteAnswerRepository};
use bookshelf_infrastructure::api_keys::{PostgresApiKeyRepository, SqliteApiKeyRepository};
use bookshelf_infrastructure::books::{PostgresBookRepository, SqliteBookRepository};
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig, Replica};
use bookshelf_infrastructure::shelves::{PostgresShelfRepository, SqliteShelfRepository};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};

use crate::failure::Failure;
use crate::settings::{self, Secret};

/// A database that is open.
pub(crate) enum Database {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Everything that is kept in it.
pub(crate) struct Repositories {
    pub(crate) books: Arc<dyn BookRepository>,
    pub(crate) users: Arc<dyn UserRepository>,
    pub(crate) sessions: Arc<dyn SessionRepository>,
    pub(crate) api_keys: Arc<dyn ApiKeyRepository>,
    pub(crate) shelves: Arc<dyn ShelfRepository>,
    pub(crate) answers: Arc<dyn AnswerRepository>,
}

impl Database {
    /// Opens it as it is.
    pub(crate) fn open(setting: &settings::Database) -> Result<Self, Failure> {
        match setting {
            settings::Database::Sqlite(path) => open_sqlite(path),
            settings::Database::Postgres(url) => {
                let config = postgres_config(url)?;
                Postgres::connect(config)
                    .map(Self::Postgres)
                    .map_err(|error| Failure::because("cannot open the database", &error))
            }
        }
    }

    /// Returns the names of the migrations that were applied.
    pub(crate) fn migrate(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrate(),
            Self::Postgres(postgres) => postgres.migrate(),
        }
    }

    pub(crate) fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.migrations(),
            Self::Postgres(postgres) => postgres.migrations(),
        }
    }

    pub(crate) fn repositories(&self) -> Repositories {
        match self {
            Self::Sqlite(sqlite) => Repositories {
                books: Arc::new(SqliteBookRepository::new(sqlite.clone())),
                users: Arc::new(SqliteUserRepository::new(sqlite.clone())),
                sessions: Arc::new(SqliteSessionRepository::new(sqlite.clone())),
                api_keys: Arc::new(SqliteApiKeyRepository::new(sqlite.clone())),
                shelves: Arc::new(SqliteShelfRepository::new(sqlite.clone())),
                answers: Arc::new(SqliteAnswerRepository::new(sqlite.clone())),
            },
            Self::Postgres(postgres) => Repositories {
                books: Arc::new(PostgresBookRepository::new(postgres.clone())),
                users: Arc::new(PostgresUserRepository::new(postgres.clone())),
                sessions: Arc::new(PostgresSessionRepository::new(postgres.clone())),
                api_keys: Arc::new(PostgresApiKeyRepository::new(postgres.clone())),
                shelves: Arc::new(PostgresShelfRepository::new(postgres.clone())),
                answers: Arc::new(PostgresAnswerRepository::new(postgres.clone())),
            },
        }
    }

    /// Closes it when everything that holds it is gone, or `patience` is over. A file wants to be
    /// closed; a server gets over it.
    pub(crate) fn close(self, patience: Duration) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close(patience),
            Self::Postgres(_) => {}
        }
    }
}

/// A replica may be away when the server starts.
pub(crate) fn open_replica(url: &Secret) -> Result<Replica, Failure> {
    Postgres::open(postgres_config(url)?)
        .map(Replica::new)
        .map_err(|error| Failure::because("cannot use the replica", &error))
}

pub(crate) fn postgres_config(url: &Secret) -> Result<PostgresConfig, Failure> {
    PostgresConfig::parse(url.expose())
        .map_err(|error| Failure::because("the URL of the database", &error))
}

fn open_sqlite(path: &Path) -> Result<Database, Failure> {
    Sqlite::open(SqliteConfig::new(path)).map(Database::Sqlite).map_err(|error| {
        Failure::because(format_args!("cannot open the database {}", path.display()), &error)
    })
}
