//! Builders of things to create, with a valid value in every field.
//!
//! They panic on values that the domain refuses, because a test that asks for them is wrong.

#![expect(clippy::panic, reason = "a test that asks for a value that cannot be should stop")]

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{Book, BookFields, BookId, Isbn, NewBook, RatingSummary, Year};
use bookshelf_domain::shelves::{
    NewShelfEntry, Rating, ReadingDate, ReadingStatus, ShelfEntry, ShelfFields, ShelfTarget,
    WhenUnknown,
};
use bookshelf_domain::{Line, Prose, Timestamp, Version};

use crate::clock::moment;

/// When everything is made that is not given a time.
fn made_at() -> Timestamp {
    moment("2026-01-01T00:00:00Z")
}

#[track_caller]
fn valid<T, E: Debug>(parsed: Result<T, E>, text: &str) -> T {
    parsed.unwrap_or_else(|fault| panic!("{text:?} is refused: {fault:?}"))
}

#[track_caller]
fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    valid(Line::parse(text), text)
}

/// A number that no other call in this process returns.
fn unique() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// A digest that no other call in this process returns.
fn unique_digest() -> [u8; 32] {
    let mut digest = [0; 32];
    for (byte, number) in digest.iter_mut().zip(unique().to_be_bytes()) {
        *byte = number;
    }
    digest
}

/// Makes the methods `at` and `idempotency_key`, which every builder has, and `build`.
macro_rules! built {
    ($builder:ident => $built:ident $(, $key:ident)?) => {
        impl $builder {
            /// When it is made, as RFC 3339 writes it.
            #[track_caller]
            pub fn at(mut self, time: &str) -> Self {
                self.0.at = $crate::clock::moment(time);
                self
            }

            $(
            /// The idempotency key under which it is made.
            pub fn $key(mut self, key: bookshelf_domain::IdempotencyKey) -> Self {
                self.0.$key = Some(key);
                self
            }
            )?

            /// What the repository inserts.
            pub fn build(self) -> $built {
                self.0
            }
        }
    };
}

mod accounts;

pub use accounts::{
    ApiKeyBuilder, InviteBuilder, SessionBuilder, UserBuilder, a_session, a_user, an_api_key,
    an_invite,
};

/// A book to create; see [`a_book`].
#[derive(Debug, Clone)]
#[must_use]
pub struct BookBuilder(NewBook);

/// A book with the title "A book" by "Ann Author", and nothing else.
pub fn a_book() -> BookBuilder {
    let fields = BookFields {
        title: line("A book"),
        author: line("Ann Author"),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    };
    BookBuilder(NewBook { fields, at: made_at(), idempotency_key: None })
}

built!(BookBuilder => NewBook, idempotency_key);

impl BookBuilder {
    /// Its title.
    #[track_caller]
    pub fn title(mut self, title: &str) -> Self {
        self.0.fields.title = line(title);
        self
    }

    /// Its author.
    #[track_caller]
    pub fn author(mut self, author: &str) -> Self {
        self.0.fields.author = line(author);
        self
    }

    /// Its ISBN, with ten or thirteen digits, and with or without hyphens.
    #[track_caller]
    pub fn isbn(mut self, isbn: &str) -> Self {
        self.0.fields.isbn = Some(valid(Isbn::parse(isbn), isbn));
        self
    }

    /// Its genre.
    #[track_caller]
    pub fn genre(mut self, genre: &str) -> Self {
        self.0.fields.genre = Some(line(genre));
        self
    }

    /// The year in which it was published.
    pub fn year(mut self, year: i32) -> Self {
        self.0.fields.year = Some(Year::stored(year));
        self
    }

    /// What it is about.
    #[track_caller]
    pub fn description(mut self, text: &str) -> Self {
        self.0.fields.description = Some(valid(Prose::parse(text), text));
        self
    }

    /// Its fields alone, as imports and shelves take them.
    pub fn fields(self) -> BookFields {
        self.0.fields
    }

    /// The book as a store returns it, with this id, its first version, and neither ratings nor a
    /// cover. Mocks answer with it.
    pub fn stored(self, id: i64) -> Book {
        let NewBook { fields, at, .. } = self.0;
        Book {
            id: BookId::new(id),
            fields,
            rating: RatingSummary::default(),
            cover: None,
            version: Version::FIRST,
            created_at: at,
            updated_at: at,
        }
    }
}

/// An entry of a shelf to create; see [`a_shelf_entry`].
#[derive(Debug, Clone)]
#[must_use]
pub struct ShelfEntryBuilder(NewShelfEntry);

/// An entry on the shelf of this user for a book of the catalogue, which the user wants to read.
pub fn a_shelf_entry(user: UserId, book: BookId) -> ShelfEntryBuilder {
    ShelfEntryBuilder(NewShelfEntry {
        user_id: user,
        target: ShelfTarget::Existing(book),
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        fields: ShelfFields::default(),
        at: made_at(),
        idempotency_key: None,
    })
}

built!(ShelfEntryBuilder => NewShelfEntry, idempotency_key);

impl ShelfEntryBuilder {
    /// Whether the user has read it.
    pub fn status(mut self, status: ReadingStatus) -> Self {
        self.0.fields.status = status;
        self
    }

    /// The rating: one to five stars.
    #[track_caller]
    pub fn stars(mut self, stars: i64) -> Self {
        self.0.fields.rating = Some(valid(Rating::new(stars), &stars.to_string()));
        self
    }

    /// What the user notes about it.
    #[track_caller]
    pub fn notes(mut self, text: &str) -> Self {
        self.0.fields.notes = Some(valid(Prose::parse(text), text));
        self
    }

    /// The day on which the reading began, as `YYYY-MM-DD`.
    #[track_caller]
    pub fn started_on(mut self, day: &str) -> Self {
        self.0.fields.started_on = Some(valid(day.parse::<ReadingDate>(), day));
        self
    }

    /// The day on which the reading ended, as `YYYY-MM-DD`.
    #[track_caller]
    pub fn finished_on(mut self, day: &str) -> Self {
        self.0.fields.finished_on = Some(valid(day.parse::<ReadingDate>(), day));
        self
    }

    /// Describes the book, in place of one of the catalogue.
    pub fn described(mut self, book: BookFields) -> Self {
        self.0.target = ShelfTarget::Described(Box::new(book));
        self
    }
}
