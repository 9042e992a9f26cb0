//! Values that the tests of several use cases need.

use std::sync::Arc;

use bookshelf_domain::accounts::{Email, Role, SessionId, User, UserId};
use bookshelf_domain::books::{Book, BookFields, BookId, RatingSummary};
use bookshelf_domain::{Line, MockClock, Random, Timestamp, Version};

use crate::{
    AccessRules, AdminWriter, Caller, CatalogueWriter, CatalogueWrites, Owner, Reader, Writer,
};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

/// A clock that always shows [`now`].
pub(crate) fn clock() -> Arc<MockClock> {
    let mut clock = MockClock::new();
    clock.expect_now().returning(now);
    Arc::new(clock)
}

/// A source of randomness that repeats one byte.
pub(crate) struct Repeating(pub(crate) u8);

impl Random for Repeating {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

pub(crate) fn book_fields(title: &str, author: &str) -> BookFields {
    BookFields {
        title: Line::parse(title).unwrap(),
        author: Line::parse(author).unwrap(),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

pub(crate) fn book(id: i64, fields: BookFields) -> Book {
    Book {
        id: BookId::new(id),
        fields,
        rating: RatingSummary::default(),
        cover: None,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn user(id: i64, role: Role) -> User {
    User {
        id: UserId::new(id),
        email: Email::parse("ann@example.com").unwrap(),
        username: None,
        name: None,
        role,
        access_epoch: 1,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

fn caller(role: Role) -> Caller {
    Caller::in_session(user(1, role), SessionId::new(9), AccessRules::default())
}

pub(crate) fn reader() -> Reader {
    caller(Role::User).into_reader().unwrap()
}

pub(crate) fn writer() -> Writer {
    caller(Role::User).into_writer().unwrap()
}

/// A user of a server where only admins write the catalogue.
pub(crate) fn writer_of_shelf_only() -> Writer {
    let rules = AccessRules { catalogue_writes: CatalogueWrites::Admins, ..AccessRules::default() };
    let caller = Caller::in_session(user(1, Role::User), SessionId::new(9), rules);
    caller.into_writer().unwrap()
}

pub(crate) fn catalogue_writer() -> CatalogueWriter {
    caller(Role::User).into_catalogue_writer().unwrap()
}

pub(crate) fn admin_writer() -> AdminWriter {
    caller(Role::Admin).into_admin_writer().unwrap()
}

pub(crate) fn owner(role: Role) -> Owner {
    caller(role).into_owner().unwrap()
}
