//! Users, for admins.

mod body;
mod query;
mod routes;

pub(crate) use routes::routes;
