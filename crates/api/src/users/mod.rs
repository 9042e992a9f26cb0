//! Users, as admins see them.

mod body;
mod query;
mod routes;

pub(crate) use routes::routes;
