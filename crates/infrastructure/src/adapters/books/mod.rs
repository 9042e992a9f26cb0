//! The catalogue.

mod commands;
pub(crate) mod derived;
#[cfg(test)]
mod derived_tests;
pub(crate) mod filter;
pub(crate) mod import;
#[cfg(test)]
mod insert_tests;
pub(crate) mod lists;

use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookError, BookId, BookQuery, BookReader, BookRepository, BookUpdate, CoverUpdate,
    ImportBatch, Imported, Isbn, NewBook, RatingSummary, WhenShelved,
};
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{Expected, Listing, Made, StoreError, Version};
use diesel::prelude::*;

use super::dialect::{Connection, Engine, RunQueryDsl};
use super::idempotency::create;
#[cfg(test)]
use super::support;
use super::{conditions, dialect, dry_run, plans};
use crate::books::row::{BookRow, NewBookRow};
use crate::schema::books;

/// The catalogue in a database.
#[derive(Clone)]
pub(crate) struct BookAdapter(pub(crate) Engine);

#[async_trait]
impl BookReader for BookAdapter {
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        let find = self.0.read::<Option<BookRow>, StoreError>(async move |conn| {
            let book = books::table.find(id.get()).select(BookRow::as_select());
            Ok(book.get_result(conn).await.optional()?)
        });
        find.await?.map(BookRow::into_book).transpose()
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        let find = self.0.read::<Option<BookRow>, StoreError>(async move |conn| {
            let book = books::table.filter(books::isbn.eq(isbn.as_str()));
            Ok(book.select(BookRow::as_select()).get_result(conn).await.optional()?)
        });
        find.await?.map(BookRow::into_book).transpose()
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        let Listing { items, has_next, total } = plans::list(&self.0, query, None).await?;
        Ok(Listing { items: into_books(items)?, has_next, total })
    }
}

#[async_trait]
impl BookRepository for BookAdapter {
    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError> {
        let NewBook { fields, at, idempotency_key } = book;
        let row = NewBookRow::new(fields.clone(), at);
        let insert = async move |conn: &mut Connection| {
            let id = commands::insert(conn, &row).await?;
            let rating = RatingSummary::default();
            Ok(Book {
                id,
                fields,
                rating,
                cover: None,
                version: Version::FIRST,
                created_at: at,
                updated_at: at,
            })
        };
        create(&self.0, idempotency_key, at, insert).await
    }

    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError> {
        let read = self.0.query::<Vec<BookRow>, StoreError>(async move |conn| {
            Ok(books::table
                .filter(books::id.gt(after.get()))
                .order(books::id)
                .limit(limit.into())
                .select(BookRow::as_select())
                .load(conn)
                .await?)
        });
        into_books(read.await?)
    }

    async fn update(&self, update: BookUpdate) -> Result<Book, BookError> {
        self.0.write(async move |conn| commands::update(conn, update).await).await
    }

    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError> {
        self.0.write(async move |conn| commands::set_cover(conn, &update).await).await
    }

    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        let texts: Vec<_> = names.iter().map(CoverName::to_string).collect();
        let used = self.0.query::<Vec<String>, StoreError>(async move |conn| {
            Ok(books::table
                .filter(books::cover.eq_any(texts))
                .select(books::cover.assume_not_null())
                .distinct()
                .load(conn)
                .await?)
        });
        let names = used.await?.into_iter().map(|name| name.parse::<CoverName>());
        names.collect::<Result<_, _>>().map_err(StoreError::unexpected)
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
        let batch = import::Prepared::from(batch);
        self.0.write(async move |conn| import::import(conn, batch).await).await
    }
}

fn into_books(rows: Vec<BookRow>) -> Result<Vec<Book>, StoreError> {
    rows.into_iter().map(BookRow::into_book).collect()
}
