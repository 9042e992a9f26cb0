//! Books: the shared catalogue.

mod body;
mod query;
mod routes;
mod view;

pub(crate) use body::BookBody;
#[cfg(feature = "benchmarks")]
pub(crate) use query::read as read_list;
pub(crate) use routes::routes;
pub(crate) use view::{BookView, TAGS, average, tag, tag_parts};
