mod plans;

use std::time::Duration;

use async_trait::async_trait;
use bookshelf_domain::books::{BookQuery, BookRepository};
use bookshelf_domain::{Listing, StoreError};
use diesel::connection::SimpleConnection;
use tempfile::TempDir;

use super::list;
use crate::books::order::Limits;
use crate::books::row::BookRow;
use crate::books::tests::{Plans, every_plan_gives_the_same_answer};
use crate::sqlite::adapters::books::BookAdapter;
use crate::sqlite::{Sqlite, SqliteConfig};

struct Catalogue {
    sqlite: Sqlite,
    books: BookAdapter,
    /// The folder is deleted when this is dropped.
    _folder: TempDir,
}

impl Catalogue {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // Some tests check many plans in one read.
        let scan_timeout = Duration::from_secs(60);
        let config = SqliteConfig::new(folder.path().join("books.db"));
        let sqlite = Sqlite::open(SqliteConfig { scan_timeout, ..config }).unwrap();
        sqlite.migrate().unwrap();
        Self { books: BookAdapter(sqlite.clone()), sqlite, _folder: folder }
    }
}

#[async_trait]
impl Plans for Catalogue {
    fn books(&self) -> &dyn BookRepository {
        &self.books
    }

    async fn execute(&self, statement: &'static str) {
        let done = self.sqlite.write(async move |conn| Ok(conn.batch_execute(statement)?)).await;
        done.map_err(|error: StoreError| error).unwrap();
    }

    async fn list(&self, query: BookQuery, limits: Option<Limits>) -> Listing<BookRow> {
        list(&self.sqlite, query, limits).await.unwrap()
    }
}

#[tokio::test]
async fn plans_agree() {
    every_plan_gives_the_same_answer(&Catalogue::new(), 1).await;
}
