//! Finds pages of books in PostgreSQL.

mod conditions;
mod index_segments;
mod list;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use list::list;

use bookshelf_domain::books::{BookFilter, BookQuery};

/// Whether one statement without a transaction can read the page.
pub(crate) fn is_one_statement(query: &BookQuery) -> bool {
    let is_whole_list = query.filter == BookFilter::default() && !query.count;
    is_whole_list && index_segments::index_segments(query).len() == 1
}
