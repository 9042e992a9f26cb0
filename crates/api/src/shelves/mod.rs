//! The shelf: each user's own list of books.

mod body;
mod query;
mod routes;
mod view;

#[cfg(feature = "fuzzing")]
pub(crate) use body::ShelfEntryBody;
pub(crate) use routes::routes;
#[cfg(test)]
pub(crate) use view::TAGS;
