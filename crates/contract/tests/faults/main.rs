//! An adapter is broken in one place after another, and the right clauses must notice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod book_imports;
mod book_lists;
mod book_search;
mod books;
mod keys;
mod others;
mod plant;
mod sessions;
mod shelf_lists;
mod shelves;
mod user_changes;
mod users;
