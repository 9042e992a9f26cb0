#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod api_keys;
mod books;
mod build;
mod clock;
mod covers;
mod idempotency;
mod invites;
mod limits;
mod list;
mod passwords;
mod random;
mod sessions;
mod shelves;
mod tokens;
mod users;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bookshelf_domain::Repositories;
use bookshelf_domain::covers::CoverStore;

pub use build::{
    ApiKeyBuilder, BookBuilder, InviteBuilder, SessionBuilder, ShelfEntryBuilder, UserBuilder,
    a_book, a_session, a_shelf_entry, a_user, an_api_key, an_invite,
};
pub use clock::{FixedClock, TickingClock};
pub use limits::MemoryRateLimiter;
pub use passwords::PlainPasswords;
pub use random::SeededRandom;
pub use tokens::MemoryAccessTokens;

/// An empty database with a store of covers, in memory. Its clones share their content.
///
/// It implements every repository port and
/// [`CoverStore`]. Its tables are behind one lock, so every
/// method is atomic under any concurrency. It keeps the whole contract of the ports, but for
/// durability: nothing outlives the last clone. Databases are compared with it in tests, so its code
/// is simple rather than fast: most methods read a whole table.
#[derive(Clone, Default)]
pub struct Memory {
    tables: Arc<Mutex<Tables>>,
}

#[derive(Default)]
struct Tables {
    books: books::Books,
    users: users::Users,
    sessions: sessions::Sessions,
    api_keys: api_keys::ApiKeys,
    invites: invites::Invites,
    shelves: shelves::Shelves,
    stored_resources: idempotency::StoredResources,
    covers: covers::Covers,
}

impl Memory {
    /// An empty database.
    pub fn new() -> Self {
        Self::default()
    }

    /// All repositories of this database.
    pub fn repositories(&self) -> Repositories {
        let memory = Arc::new(self.clone());
        Repositories {
            book_reader: memory.clone(),
            books: memory.clone(),
            users: memory.clone(),
            sessions: memory.clone(),
            api_keys: memory.clone(),
            invites: memory.clone(),
            shelves: memory.clone(),
            idempotency: memory,
        }
    }

    /// The store of covers.
    pub fn covers(&self) -> Arc<dyn CoverStore> {
        Arc::new(self.clone())
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No method panics between two changes that belong together, so the tables of a poisoned
        // lock are whole.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
