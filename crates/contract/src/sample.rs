//! Values to fill a store with, which the clauses use. Other tests of an adapter may use them too.
//!
//! Every function panics on a value that the domain refuses.

#![expect(clippy::unwrap_used, reason = "a test that asks for a value that cannot be should stop")]

use async_trait::async_trait;
use bookshelf_domain::accounts::{
    Email, NewUser, PasswordHash, Role, User, UserError, UserRepository,
};
use bookshelf_domain::books::{
    Book, BookError, BookFields, BookFilter, BookPatch, BookQuery, BookRepository, BookSort,
    ImportRow, Isbn, NewBook, Year,
};
use bookshelf_domain::shelves::{Rating, ShelfFields, ShelfImportRow};
use bookshelf_domain::{Change, Expected, Id, Line, Order, Prose, Start, Timestamp, Version};
use chrono::TimeDelta;

/// So many seconds after the moment at which the tests begin.
pub fn moment(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + seconds)
}

/// A checked line of text.
pub fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::parse(text).unwrap()
}

/// A checked text of several lines.
pub fn prose<const MAX: usize>(text: &str) -> Prose<MAX> {
    Prose::parse(text).unwrap()
}

/// The id after this one.
pub fn next_id<T>(id: Id<T>) -> Id<T> {
    Id::new(id.get() + 1)
}

/// Expects one of these versions.
pub fn one_of<const N: usize>(versions: [i64; N]) -> Expected {
    Expected::OneOf(versions.map(Version::new).to_vec())
}

/// A book of this title and author and nothing else.
pub fn book(title: &str, author: &str) -> BookFields {
    BookFields {
        title: line(title),
        author: line(author),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

/// The ISBN of this number.
pub fn isbn(number: usize) -> Isbn {
    let body = format!("978{number:09}");
    (0..10).find_map(|check| Isbn::parse(&format!("{body}{check}")).ok()).unwrap()
}

/// This year.
pub fn year(year: i32) -> Year {
    Year::stored(year)
}

/// A checked email address.
pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A user of this email and role and nothing else.
pub fn user(address: &str, role: Role) -> NewUser {
    NewUser {
        email: email(address),
        username: None,
        name: None,
        role,
        password_hash: PasswordHash::new("first hash"),
        at: moment(0),
        idempotency_key: None,
    }
}

/// This many stars.
pub fn stars(stars: i64) -> Option<Rating> {
    Some(Rating::new(stars).unwrap())
}

/// Both directions of a list.
pub const BOTH_ORDERS: [Order; 2] = [Order::Ascending, Order::Descending];

/// All books in the order in which they were made.
pub fn every_book() -> BookQuery {
    BookQuery {
        filter: BookFilter::default(),
        sort: BookSort::CreatedAt,
        order: Order::Ascending,
        start: Start::Offset(0),
        limit: 1000,
        count: true,
    }
}

/// A row that says just what `fields` says: a field that is empty there keeps its value.
pub fn import_row(fields: BookFields) -> ImportRow {
    fn said<T>(field: Option<T>) -> Change<T> {
        field.map_or(Change::Keep, Change::Set)
    }
    let BookFields { title, author, isbn, genre, year, description } = fields.clone();
    let patch = BookPatch {
        title: Some(title),
        author: Some(author),
        isbn: said(isbn),
        genre: said(genre),
        year: said(year),
        description: said(description),
    };
    ImportRow { fields, patch }
}

/// A row of a reading history without a time.
pub fn shelf_row(book: BookFields, fields: ShelfFields) -> ShelfImportRow {
    ShelfImportRow { book, fields, added_at: None }
}

/// A shortcut that adds a book without an idempotency key.
#[async_trait]
pub trait AddBook {
    /// Adds a book.
    async fn add(&self, fields: BookFields, at: Timestamp) -> Result<Book, BookError>;
}

#[async_trait]
impl AddBook for dyn BookRepository {
    async fn add(&self, fields: BookFields, at: Timestamp) -> Result<Book, BookError> {
        let made = self.insert(NewBook { fields, at, idempotency_key: None }).await?;
        Ok(made.into_inner())
    }
}

/// A shortcut that adds a user, made before or now.
#[async_trait]
pub trait AddUser {
    /// Adds a user.
    async fn add(&self, user: NewUser) -> Result<User, UserError>;
}

#[async_trait]
impl AddUser for dyn UserRepository {
    async fn add(&self, user: NewUser) -> Result<User, UserError> {
        Ok(self.insert(user).await?.into_inner())
    }
}
