//! API keys: how services act for a user.

mod body;
mod routes;
mod view;

pub(crate) use routes::routes;
