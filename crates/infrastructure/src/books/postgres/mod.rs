mod commands;
mod conditions;
mod import;
mod legs;
mod list;
mod replicated;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use import::{find_or_add as find_or_add_book_in_postgres, lock_imports};
pub use replicated::ReplicatedBookRepository;

use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookError, BookId, BookQuery, BookRepository, BookUpdate, CoverUpdate, ImportBatch,
    Imported, Isbn, NewBook, RatingSummary, WhenShelved,
};
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{Expected, Listing, Made, StoreError};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::cover;
use super::order::LIMITS;
use super::row::{BookRow, NewBookRow};
use crate::answers::postgres::make_once;
use crate::postgres::Postgres;
use crate::schema::books;

/// The catalogue in PostgreSQL.
#[derive(Clone)]
pub struct PostgresBookRepository(Postgres);

impl PostgresBookRepository {
    pub const fn new(postgres: Postgres) -> Self {
        Self(postgres)
    }
}

#[async_trait]
impl BookRepository for PostgresBookRepository {
    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError> {
        let NewBook { fields, at, once } = book;
        let row = NewBookRow::new(fields.clone(), at);
        let insert = async move |conn: &mut AsyncPgConnection| {
            let id = commands::insert(conn, &row).await?;
            let rating = RatingSummary::default();
            Ok(Book { id, fields, rating, cover: None, version: 1, created_at: at, updated_at: at })
        };
        self.0.write(async move |conn| make_once(conn, once, insert).await).await
    }

    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        let find = async move |conn: &mut &AsyncPgConnection| {
            let book = books::table.find(id).select(BookRow::as_select());
            Ok(book.get_result(conn).await.optional()?)
        };
        self.0.read::<Option<BookRow>, StoreError>(find).await?.map(BookRow::into_book).transpose()
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        let find = async move |conn: &mut &AsyncPgConnection| {
            let book = books::table.filter(books::isbn.eq(isbn.as_str()));
            Ok(book.select(BookRow::as_select()).get_result(conn).await.optional()?)
        };
        self.0.read::<Option<BookRow>, StoreError>(find).await?.map(BookRow::into_book).transpose()
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        let page = self.0.scan(async move |conn| list::list(conn, &query, LIMITS).await);
        let page = page.await?;
        Ok(Listing { items: into_books(page.items)?, has_next: page.has_next, total: page.total })
    }

    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError> {
        let rows = self
            .0
            .scan::<_, StoreError>(async move |conn| {
                Ok(books::table
                    .filter(books::id.gt(after))
                    .order(books::id)
                    .limit(limit.into())
                    .select(BookRow::as_select())
                    .load(conn)
                    .await?)
            })
            .await?;
        into_books(rows)
    }

    async fn update(&self, update: BookUpdate) -> Result<Book, BookError> {
        self.0.write(async move |conn| commands::update(conn, update).await).await
    }

    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError> {
        self.0.write(async move |conn| commands::set_cover(conn, &update).await).await
    }

    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        let texts: Vec<_> = names.iter().map(CoverName::to_string).collect();
        let used = self
            .0
            .scan::<Vec<String>, StoreError>(async move |conn| {
                Ok(books::table
                    .filter(books::cover.eq_any(texts))
                    .select(books::cover.assume_not_null())
                    .load(conn)
                    .await?)
            })
            .await?;
        Ok(cover::among(names, &used))
    }

    async fn delete(
        &self,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<u64, BookError> {
        self.0.write(async move |conn| commands::delete(conn, id, &expected, shelved).await).await
    }

    async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, StoreError> {
        self.0.write(async move |conn| import::import(conn, batch).await).await
    }
}

fn into_books(rows: Vec<BookRow>) -> Result<Vec<Book>, StoreError> {
    rows.into_iter().map(BookRow::into_book).collect()
}
