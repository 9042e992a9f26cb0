//! Books: the shared catalogue.

mod body;
mod query;
mod routes;
mod view;

#[cfg(test)]
pub(crate) use body::{BookInput, BookPatchInput};
pub(crate) use routes::routes;
pub(crate) use view::{BookView, tag};
