//! Which adapters implement the repositories on each database.

use std::sync::Arc;

use bookshelf_domain::Repositories;

use crate::accounts::{
    PostgresSessionRepository, PostgresUserRepository, SqliteSessionRepository,
    SqliteUserRepository,
};
use crate::answers::{PostgresAnswerRepository, SqliteAnswerRepository};
use crate::api_keys::{PostgresApiKeyRepository, SqliteApiKeyRepository};
use crate::books::{PostgresBookRepository, SqliteBookRepository};
use crate::postgres::Postgres;
use crate::shelves::{PostgresShelfRepository, SqliteShelfRepository};
use crate::sqlite::Sqlite;

impl Sqlite {
    pub fn repositories(&self) -> Repositories {
        Repositories {
            books: Arc::new(SqliteBookRepository::new(self.clone())),
            users: Arc::new(SqliteUserRepository::new(self.clone())),
            sessions: Arc::new(SqliteSessionRepository::new(self.clone())),
            api_keys: Arc::new(SqliteApiKeyRepository::new(self.clone())),
            shelves: Arc::new(SqliteShelfRepository::new(self.clone())),
            answers: Arc::new(SqliteAnswerRepository::new(self.clone())),
        }
    }
}

impl Postgres {
    pub fn repositories(&self) -> Repositories {
        Repositories {
            books: Arc::new(PostgresBookRepository::new(self.clone())),
            users: Arc::new(PostgresUserRepository::new(self.clone())),
            sessions: Arc::new(PostgresSessionRepository::new(self.clone())),
            api_keys: Arc::new(PostgresApiKeyRepository::new(self.clone())),
            shelves: Arc::new(PostgresShelfRepository::new(self.clone())),
            answers: Arc::new(PostgresAnswerRepository::new(self.clone())),
        }
    }
}
