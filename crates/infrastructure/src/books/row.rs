use bookshelf_domain::books::{
    Author, Book, BookFields, BookId, Description, Genre, Isbn, RatingSummary, Title, Year,
};
use bookshelf_domain::{
    CollationKey, Fault, FaultCode, SearchText, StoreError, Timestamp, Version,
};
use diesel::prelude::*;

use crate::accounts::rows::timestamp;
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
    /// The book. Its fields were checked when they were written, so they are not checked again.
    pub(crate) fn into_book(self) -> Result<Book, StoreError> {
        Ok(Book {
            id: BookId::new(self.id),
            fields: BookFields {
                title: Title::stored(self.title),
                author: Author::stored(self.author),
                isbn: self.isbn.map(|text| isbn(self.id, &text)).transpose()?,
                genre: self.genre.map(Genre::stored),
                year: self.year.map(Year::stored),
                description: self.description.map(Description::stored),
            },
            rating: RatingSummary { sum: self.rating_sum, count: self.rating_count },
            cover: self
                .cover
                .map(|name| name.parse())
                .transpose()
                .map_err(|fault: Fault| unexpected(self.id, &fault))?,
            version: Version::new(self.version),
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
        })
    }
}

fn isbn(book: i64, text: &str) -> Result<Isbn, StoreError> {
    Isbn::stored(text).ok_or_else(|| {
        unexpected(book, &Fault::new(FaultCode::InvalidFormat, "has an ISBN without 13 digits"))
    })
}

fn unexpected(book: i64, fault: &Fault) -> StoreError {
    StoreError::unexpected(format!("book {book}: {fault}"))
}

/// The forms of a book's texts that the database searches and sorts by.
#[derive(Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = books, treat_none_as_default_value = false)]
pub(crate) struct DerivedRow {
    pub(crate) title_folded: String,
    pub(crate) author_folded: String,
    genre_folded: String,
    title_sort: Vec<u8>,
    author_sort: Vec<u8>,
}

impl DerivedRow {
    pub(crate) fn of(title: &str, author: &str, genre: &str) -> Self {
        let searched = |text: &str| SearchText::new(text).into_string();
        let sorted = |text: &str| CollationKey::new(text).into_bytes();
        Self {
            title_folded: searched(title),
            author_folded: searched(author),
            genre_folded: searched(genre),
            title_sort: sorted(title),
            author_sort: sorted(author),
        }
    }
}

/// The fields that users write, with the forms that are derived from them.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = books, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(crate) struct FieldsRow {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) isbn: Option<String>,
    genre: Option<String>,
    year: Option<i32>,
    description: Option<String>,
    #[diesel(embed)]
    pub(crate) derived: DerivedRow,
}

impl From<BookFields> for FieldsRow {
    fn from(fields: BookFields) -> Self {
        let derived = DerivedRow::of(fields.title.as_str(), fields.author.as_str(), fields.genre());
        // Destructured, so that the compiler asks for a field that is added later.
        let BookFields { title, author, isbn, genre, year, description } = fields;
        Self {
            derived,
            isbn: isbn.map(|isbn| isbn.to_string()),
            title: title.into_string(),
            author: author.into_string(),
            genre: genre.map(Genre::into_string),
            year: year.map(Year::get),
            description: description.map(Description::into_string),
        }
    }
}

/// A book to add.
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
        Self {
            fields: fields.into(),
            version: Version::FIRST.get(),
            created_at: at,
            updated_at: at,
        }
    }
}

/// A changed book.
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
            version: book.version.get(),
            updated_at: book.updated_at.timestamp_micros(),
        }
    }
}

/// A book whose cover was set or removed.
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
            version: book.version.get(),
            updated_at: book.updated_at.timestamp_micros(),
        }
    }
}
