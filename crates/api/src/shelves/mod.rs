//! The shelf: each user's own.

mod body;
mod query;
mod routes;
mod view;

pub(crate) use routes::routes;
