//! Finds pages of books in SQLite.

mod candidates;
mod gather;
mod index_segments;
mod list;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use list::list;

use bookshelf_domain::books::BookQuery;

/// Whether one statement without a transaction can read the page. On SQLite every read has a
/// transaction anyway.
pub(crate) const fn is_one_statement(_: &BookQuery) -> bool {
    false
}
