//! Users, as admins see them.

mod body;
mod query;
mod routes;

#[cfg(test)]
pub(crate) use body::{NewUserBody, NewUserInput, UserPatchBody, UserPatchInput};
pub(crate) use routes::routes;
