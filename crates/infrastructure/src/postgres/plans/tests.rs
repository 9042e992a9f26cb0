use async_trait::async_trait;
use bookshelf_domain::books::{BookQuery, BookRepository};
use bookshelf_domain::{Listing, StoreError};
use diesel_async::SimpleAsyncConnection;

use super::list;
use crate::books::order::Limits;
use crate::books::row::BookRow;
use crate::books::tests::{Plans, every_plan_gives_the_same_answer};
use crate::postgres::Postgres;
use crate::postgres::adapters::books::BookAdapter;
use crate::postgres::tests::TestDatabase;

struct Catalogue {
    postgres: Postgres,
    books: BookAdapter,
}

#[async_trait]
impl Plans for Catalogue {
    fn books(&self) -> &dyn BookRepository {
        &self.books
    }

    async fn execute(&self, statement: &'static str) {
        let done: Result<(), StoreError> =
            self.postgres.write(async move |conn| Ok(conn.batch_execute(statement).await?)).await;
        done.unwrap();
    }

    async fn list(&self, query: BookQuery, limits: Limits) -> Listing<BookRow> {
        let listed = self.postgres.scan(async move |conn| list(conn, &query, limits).await);
        listed.await.unwrap()
    }
}

#[tokio::test]
async fn plans_agree() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = database.migrated();
    let books = BookAdapter(postgres.clone());
    // 11 shares no factor with the numbers of sorts, orders and starts, so every combination
    // occurs.
    every_plan_gives_the_same_answer(&Catalogue { postgres, books }, 11).await;
}
