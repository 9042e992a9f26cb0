//! The repositories: every statement that both databases understand.
//!
//! This folder is compiled twice, as a module of `crate::sqlite` and of `crate::postgres`, each
//! time with the `dialect` and the `plans` beside it. Diesel checks every statement for the backend
//! it is compiled for, without a bound in a signature. `#[derive(MultiConnection)]` could make one
//! module of the two once it knows asynchronous connections; the statements would stay as they are.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod books;
pub(crate) mod conditions;
mod dry_run;
pub(crate) mod idempotency;
pub(crate) mod invites;
pub(crate) mod migrations;
pub(crate) mod shelves;

use std::sync::Arc;

use bookshelf_domain::Repositories;

use self::accounts::sessions::SessionAdapter;
use self::accounts::users::UserAdapter;
use self::api_keys::ApiKeyAdapter;
use self::books::BookAdapter;
use self::dialect::Engine;
use self::idempotency::IdempotencyAdapter;
use self::invites::InviteAdapter;
use self::shelves::ShelfAdapter;
#[cfg(test)]
use super::tests::support;
use super::{dialect, plans};

impl Engine {
    /// The repositories of this database.
    pub fn repositories(&self) -> Repositories {
        let books = Arc::new(BookAdapter(self.clone()));
        Repositories {
            book_reader: books.clone(),
            books,
            users: Arc::new(UserAdapter(self.clone())),
            sessions: Arc::new(SessionAdapter(self.clone())),
            api_keys: Arc::new(ApiKeyAdapter(self.clone())),
            invites: Arc::new(InviteAdapter(self.clone())),
            shelves: Arc::new(ShelfAdapter(self.clone())),
            idempotency: Arc::new(IdempotencyAdapter(self.clone())),
        }
    }
}
