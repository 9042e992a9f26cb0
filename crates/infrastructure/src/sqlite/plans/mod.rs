//! Finds pages of books in SQLite.

mod candidates;
mod gather;
mod index_segments;
mod list;
mod substrings;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use list::list;
