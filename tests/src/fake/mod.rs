//! Every repository in memory.

mod api_keys;
mod books;
mod covers;
mod idempotency;
mod list;
mod sessions;
mod shelves;
mod users;

use std::sync::{Mutex, MutexGuard};

/// One lock around plain tables: every method is atomic, and right at a glance. It is what the
/// databases are compared with, so it must never be clever.
#[derive(Default)]
pub struct Fake {
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    books: books::Books,
    users: users::Users,
    sessions: sessions::Sessions,
    api_keys: api_keys::ApiKeys,
    shelves: shelves::Shelves,
    stored_resources: idempotency::StoredResources,
    covers: covers::Covers,
}

impl Fake {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }
}
