//! The repositories in memory.

mod api_keys;
mod books;
mod covers;
mod idempotency;
mod invites;
mod list;
mod sessions;
mod shelves;
mod users;

use std::sync::{Mutex, MutexGuard};

/// Plain tables behind one lock, so every method is atomic. Tests compare the databases with this
/// fake, so its code must stay simple enough to be obviously right.
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
    invites: invites::Invites,
    shelves: shelves::Shelves,
    stored_resources: idempotency::StoredResources,
    covers: covers::Covers,
}

impl Fake {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }
}
