//! API keys, with which services act for a user.

mod body;
mod routes;
mod view;

pub(crate) use routes::routes;
