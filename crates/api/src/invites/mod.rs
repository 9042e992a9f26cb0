//! Invitations, with which people register.

mod body;
mod query;
mod routes;
mod view;

pub(crate) use routes::routes;
