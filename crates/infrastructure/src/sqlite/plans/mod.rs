//! How a page of books is found in SQLite.

mod candidates;
mod gather;
mod index_segments;
mod list;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use list::list;

use bookshelf_domain::books::BookQuery;

/// Whether the page takes one statement, which needs no transaction. Every read on SQLite has one.
pub(crate) const fn is_one_statement(_: &BookQuery) -> bool {
    false
}
