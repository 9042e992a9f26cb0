use bookshelf_domain::books::{
    Author, Book, BookFields, Description, Genre, Isbn, RatingSummary, Title, Year,
};
use bookshelf_domain::{Fault, Folded, StoreError, Timestamp};
use chrono::DateTime;
use diesel::prelude::*;

use crate::schema::books;

/// A row of the table, without the columns that are derived from others.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = books)]
pub(crate) struct BookRow {
    pub(crate) id: i64,
    title: String,
    author: String,
    isbn: Option<String>,
    genre: Option<String>,
    year: Option<i32>,
    description: Option<String>,
    rating_sum: i64,
    rating_count: i64,
    cover: Option<String>,
    pub(crate) version: i64,
    created_at: i64,
    updated_at: i64,
}

impl BookRow {
    /// Fails only on a row that this program did not write.
    pub(crate) fn into_book(self) -> Result<Book, StoreError> {
        let id = self.id;
        self.read().map_err(|fault| StoreError::unexpected(format!("book {id}: {fault}")))
    }

    fn read(self) -> Result<Book, Fault> {
        let isbn = self.isbn.as_deref().map(Isbn::parse);
        let genre = self.genre.as_deref().map(Genre::parse);
        let description = self.description.as_deref().map(Description::parse);
        Ok(Book {
            id: self.id,
            fields: BookFields {
                title: Title::parse(&self.title)?,
                author: Author::parse(&self.author)?,
                isbn: isbn.transpose()?,
                genre: genre.transpose()?,
                year: self.year.map(Year::stored),
                description: description.transpose()?,
            },
            rating: RatingSummary { sum: self.rating_sum, count: self.rating_count },
            cover: self.cover.map(|name| name.parse()).transpose()?,
            version: self.version,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

fn timestamp(micros: i64) -> Result<Timestamp, Fault> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Fault::new("has a time beyond the calendar"))
}

/// What people write about a book, with the folded forms that the database compares.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = books, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct FieldsRow {
    title: String,
    pub(crate) title_folded: String,
    author: String,
    pub(crate) author_folded: String,
    pub(crate) isbn: Option<String>,
    genre: Option<String>,
    genre_folded: String,
    year: Option<i32>,
    description: Option<String>,
}

impl From<BookFields> for FieldsRow {
    fn from(fields: BookFields) -> Self {
        let folded = |text: &str| Folded::new(text).into_string();
        Self {
            title_folded: folded(fields.title.as_str()),
            author_folded: folded(fields.author.as_str()),
            isbn: fields.isbn.map(|isbn| isbn.to_string()),
            genre_folded: folded(fields.genre()),
            title: fields.title.into_string(),
            author: fields.author.into_string(),
            genre: fields.genre.map(Genre::into_string),
            year: fields.year.map(Year::get),
            description: fields.description.map(Description::into_string),
        }
    }
}

/// A book about to be added.
#[derive(Debug, Insertable)]
#[diesel(table_name = books, treat_none_as_default_value = false)]
pub(crate) struct NewBookRow {
    #[diesel(embed)]
    pub(crate) fields: FieldsRow,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl NewBookRow {
    pub(crate) fn new(fields: BookFields, at: Timestamp) -> Self {
        let at = at.timestamp_micros();
        Self { fields: fields.into(), version: 1, created_at: at, updated_at: at }
    }
}

/// A book changed.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = books)]
pub(crate) struct ChangedBookRow {
    #[diesel(embed)]
    fields: FieldsRow,
    version: i64,
    updated_at: i64,
}

impl From<&Book> for ChangedBookRow {
    fn from(book: &Book) -> Self {
        Self {
            fields: book.fields.clone().into(),
            version: book.version,
            updated_at: book.updated_at.timestamp_micros(),
        }
    }
}

/// A book with a new cover, or none any more.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = books, treat_none_as_null = true)]
pub(crate) struct ChangedCoverRow {
    cover: Option<String>,
    version: i64,
    updated_at: i64,
}

impl From<&Book> for ChangedCoverRow {
    fn from(book: &Book) -> Self {
        Self {
            cover: book.cover.map(|name| name.to_string()),
            version: book.version,
            updated_at: book.updated_at.timestamp_micros(),
        }
    }
}
