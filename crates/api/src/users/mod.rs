//! Users, for admins.

mod body;
mod query;
mod routes;

pub(crate) use body::RoleName;
pub(crate) use routes::routes;
