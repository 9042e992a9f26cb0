//! Covers: the images of books.

mod condition;
mod image;
mod query;
mod routes;

pub(crate) use query::thumbnail;
pub(crate) use routes::routes;
