mod candidates;
mod commands;
mod gather;
mod import;
mod list;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use commands::find as find_book;
pub(crate) use import::find_or_add as find_or_add_book;

use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookError, BookId, BookQuery, BookRepository, BookUpdate, CoverUpdate, ImportBatch,
    Imported, Isbn, NewBook, RatingSummary, WhenShelved,
};
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{Expected, Listing, Made, StoreError};
use diesel::prelude::*;

use super::cover;
use super::order::LIMITS;
use super::row::{BookRow, NewBookRow};
use crate::answers::sqlite::make_once;
use crate::schema::books;
use crate::sqlite::Sqlite;

/// The catalogue in SQLite.
#[derive(Clone)]
pub struct SqliteBookRepository(Sqlite);

impl SqliteBookRepository {
    pub const fn new(sqlite: Sqlite) -> Self {
        Self(sqlite)
    }
}

#[async_trait]
impl BookRepository for SqliteBookRepository {
    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError> {
        let NewBook { fields, at, once } = book;
        let row = NewBookRow::new(fields.clone(), at);
        let insert = move |conn: &mut SqliteConnection| {
            let id = commands::insert(conn, &row)?;
            let rating = RatingSummary::default();
            Ok(Book { id, fields, rating, cover: None, version: 1, created_at: at, updated_at: at })
        };
        self.0.write(move |conn| make_once(conn, once, insert)).await
    }

    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        let row = self.0.read::<_, StoreError>(move |conn| Ok(commands::find(conn, id)?)).await?;
        row.map(BookRow::into_book).transpose()
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        let row = self
            .0
            .read::<_, StoreError>(move |conn| {
                Ok(books::table
                    .filter(books::isbn.eq(isbn.as_str()))
                    .select(BookRow::as_select())
                    .get_result(conn)
                    .optional()?)
            })
            .await?;
        row.map(BookRow::into_book).transpose()
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        let page = self.0.scan(move |conn| list::list(conn, &query, LIMITS)).await?;
        Ok(Listing { items: into_books(page.items)?, has_next: page.has_next, total: page.total })
    }

    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError> {
        let rows = self
            .0
            .scan::<_, StoreError>(move |conn| {
                Ok(books::table
                    .filter(books::id.gt(after))
                    .order(books::id)
                    .limit(limit.into())
                    .select(BookRow::as_select())
                    .load(conn)?)
            })
            .await?;
        into_books(rows)
    }

    async fn update(&self, update: BookUpdate) -> Result<Book, BookError> {
        self.0.write(move |conn| commands::update(conn, update)).await
    }

    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError> {
        self.0.write(move |conn| commands::set_cover(conn, &update)).await
    }

    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        let texts: Vec<_> = names.iter().map(CoverName::to_string).collect();
        let used: Vec<String> = self
            .0
            .scan::<_, StoreError>(move |conn| {
                Ok(books::table
                    .filter(books::cover.eq_any(texts))
                    .select(books::cover.assume_not_null())
                    .load(conn)?)
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
        self.0.write(move |conn| commands::delete(conn, id, &expected, shelved)).await
    }

    async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, StoreError> {
        self.0.write(move |conn| import::import(conn, batch)).await
    }
}

fn into_books(rows: Vec<BookRow>) -> Result<Vec<Book>, StoreError> {
    rows.into_iter().map(BookRow::into_book).collect()
}
