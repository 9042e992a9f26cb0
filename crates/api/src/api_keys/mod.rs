//! API keys: how services act for a user.

mod body;
mod routes;
mod view;

#[cfg(test)]
pub(crate) use body::ApiKeyInput;
pub(crate) use routes::routes;
