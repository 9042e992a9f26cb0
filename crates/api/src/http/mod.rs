//! The parts of the HTTP interface that all resources share.

mod accept;
mod access_log;
mod body;
mod change_response;
mod choice;
mod client_address;
mod common_headers;
mod conditional;
mod connection;
mod context;
mod cors;
mod cursor;
mod download;
mod envelope;
mod error;
mod error_body;
mod error_response;
mod found_route;
mod guard;
mod id;
mod idempotency;
mod identity;
mod json;
mod limits;
mod logged;
mod media_type;
mod merge_patch;
mod metrics;
mod middleware;
mod named;
mod page;
mod path;
mod query;
mod reason;
mod repeated;
mod request_id;
mod routes;
mod shares;
#[cfg(feature = "otlp")]
mod spans;
mod switch;
mod trace_context;
mod unread;
mod upload;

pub(crate) use accept::Accept;
pub(crate) use body::Body;
pub(crate) use choice::{Choice, Chosen};
pub use client_address::TrustedProxies;
pub(crate) use client_address::{client_address, client_for_rate_limits, client_for_shares};
pub(crate) use conditional::{
    Accepted, EntityTag, IfExists, IfMatch, IfNoneMatch, Precondition, TagForm, refuse_tags,
};
pub use connection::watch;
pub use context::{Context, Settings};
pub use cors::CorsOrigins;
#[cfg(feature = "benchmarks")]
pub(crate) use cursor::Fingerprint;
pub(crate) use download::download;
pub(crate) use envelope::{
    Collection, Envelope, created, json_response, no_content, ok, ok_with_message,
};
pub(crate) use error::ApiError;
pub(crate) use error_body::{ErrorEnvelope, Problem, Sentences};
pub(crate) use id::PathId;
pub(crate) use idempotency::{IdempotencyHeader, created_once};
pub(crate) use identity::{
    AdminReader, AdminWriter, Anyone, CatalogueWriter, Owner, Reader, Writer, admit_address,
    bearer, owner, shows_credentials,
};
pub(crate) use json::{Member, Read};
pub use limits::{Limits, Quotas};
pub(crate) use limits::{Policy, limit_address, limit_login};
pub use logged::LogAddress;
pub(crate) use media_type::MediaType;
pub(crate) use merge_patch::Variant;
pub use middleware::wrap;
pub(crate) use page::{Page, PageParams, Sort};
pub(crate) use query::{Query, Search, Words, read_by};
pub(crate) use reason::Reason;
pub(crate) use routes::{Routes, fallback};
pub(crate) use shares::SlowRead;
pub use shares::SlowReads;
pub(crate) use shares::{Slot, Slots, Turn, Turns, UserShare};
#[cfg(feature = "otlp")]
pub use spans::record_spans;
pub use switch::Switch;
pub(crate) use upload::{Arriving, Cut};

use actix_web::HttpResponse;
use actix_web::http::header::HeaderValue;

/// The result of a handler: a response, or an error that a middleware turns into one.
pub(crate) type HandlerResult = Result<HttpResponse, ApiError>;

/// `Cache-Control` of public resources: every cache may store them, but must revalidate them on
/// every use.
pub(crate) const PUBLIC: HeaderValue = HeaderValue::from_static("public, no-cache");

/// `Cache-Control` of responses that no cache may store.
pub(crate) const PRIVATE: HeaderValue = HeaderValue::from_static("no-store");

/// `Cache-Control` of resources that never change at their address: they may be used for a year
/// without revalidation (RFC 8246).
pub(crate) const IMMUTABLE: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");
