//! The shelf: each user's own list of books.

mod body;
mod query;
mod routes;
mod view;

pub(crate) use routes::routes;
#[cfg(test)]
pub(crate) use view::TAGS;
