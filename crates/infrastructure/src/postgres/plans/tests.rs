use async_trait::async_trait;
use bookshelf_domain::books::{BookFilter, BookQuery, BookRepository, SearchWords};
use bookshelf_domain::{Listing, Start, StoreError};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::index_segments::{backwards, forwards};
use super::list;
use super::matches::Matches;
use crate::books::order::Limits;
use crate::books::row::BookRow;
use crate::books::tests::{ORDERS, Plans, SORTS, every_plan_gives_the_same_answer, page};
use crate::postgres::Postgres;
use crate::postgres::adapters::books::BookAdapter;
use crate::postgres::tests::TestDatabase;
use crate::schema::books;

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

    async fn list(&self, query: BookQuery, limits: Option<Limits>) -> Listing<BookRow> {
        list(&self.postgres, query, limits).await.unwrap()
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

/// Every page is read along the index of its sort, from either end, and every search uses the index of
/// trigrams.
#[tokio::test]
async fn every_plan_uses_an_index() {
    let Some(database) = TestDatabase::create() else { return };
    let postgres = database.migrated();
    let fill: Result<(), StoreError> =
        postgres.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await;
    fill.unwrap();
    let checked: Result<(), StoreError> = postgres
        .scan(async |conn| {
            for sort in SORTS {
                for order in ORDERS {
                    let query = page(BookFilter::default(), sort, order, Start::Offset(0));
                    for books in [forwards(&query), backwards(&query)] {
                        let plan = plan_of(conn, books.select(books::id).limit(20)).await;
                        assert!(plan.contains("Index"), "{query:?} {plan}");
                        assert!(!plan.contains("Sort"), "{query:?} {plan}");
                    }
                    let search =
                        BookFilter { search: SearchWords::new("rare"), ..BookFilter::default() };
                    let query = page(search, sort, order, Start::Offset(0));
                    let plan = plan_of(conn, Matches::of(&query, 100, 100)).await;
                    assert!(plan.contains("books_trigrams_idx"), "{plan}");
                }
            }
            Ok(())
        })
        .await;
    checked.unwrap();
}

const FILL: &str = "
    INSERT INTO books (title, title_folded, title_sort, author, author_folded, author_sort,
        genre_folded, year, rating_hundredths, created_at, updated_at)
    SELECT title, title, convert_to(title, 'UTF8'), 'au', 'au' || i, convert_to('au' || i, 'UTF8'),
        'drama', CASE WHEN i % 3 > 0 THEN i % 200 END, CASE WHEN i % 5 > 0 THEN i % 400 END, i, i
    FROM (SELECT i, CASE WHEN i % 1000 = 0 THEN 'rare ' ELSE 'common ' END || i AS title
        FROM generate_series(1, 10000) AS i) AS numbered;
    ANALYZE books";

async fn plan_of(conn: &mut AsyncPgConnection, query: impl QueryFragment<Pg> + Send) -> String {
    let lines: Vec<String> = Explain(query).load(conn).await.unwrap();
    lines.join("\n")
}

struct Explain<Q>(Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explain<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN ");
        self.0.walk_ast(out)
    }
}

impl<Q> QueryId for Explain<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explain<Q> {
    type SqlType = Text;
}
