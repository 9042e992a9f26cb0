//! Finds pages of books in PostgreSQL.

mod conditions;
mod counted_rows;
mod index_segments;
mod list;
mod matches;
#[cfg(test)]
mod tests;
mod walk;
mod whole_list;

pub(crate) use list::list;
