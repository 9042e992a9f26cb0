//! The shelf: each user's own.

mod body;
mod query;
mod routes;
mod view;

#[cfg(test)]
pub(crate) use body::{ShelfChange, ShelfEntryInput, ShelfEntryPatch, ShelfEntryReplacement};
pub(crate) use routes::routes;
