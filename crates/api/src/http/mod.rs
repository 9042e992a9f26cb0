//! HTTP as Bookshelf speaks it, whatever the resource.

mod accept;
mod access_log;
mod body;
mod choice;
mod client_address;
mod common_headers;
mod conditional;
mod connection;
mod context;
mod cors;
mod cursor;
mod download;
mod edit;
mod envelope;
mod error;
mod error_body;
mod error_response;
mod guard;
mod id;
mod idempotency;
mod identity;
mod json;
mod limits;
mod media_type;
mod merge_patch;
mod middleware;
mod named;
mod page;
mod path;
mod query;
mod reason;
mod request_id;
mod routes;
mod slots;
mod upload;

pub(crate) use accept::Accept;
pub(crate) use body::Body;
pub(crate) use choice::{Choice, Chosen};
pub use client_address::TrustedProxies;
pub(crate) use client_address::client_address;
pub(crate) use conditional::{EntityTag, IfMatch, IfNoneMatch, expected_versions};
pub use connection::watch;
pub use context::{Context, Settings};
pub use cors::CorsOrigins;
pub(crate) use download::download;
pub(crate) use envelope::{
    Collection, Envelope, created, json_response, no_content, ok, ok_saying,
};
pub(crate) use error::ApiError;
pub(crate) use error_body::{ErrorEnvelope, Problem, Sentences};
pub(crate) use id::PathId;
pub(crate) use idempotency::{IdempotencyHeader, created_once};
pub(crate) use identity::{
    AdminReader, AdminWriter, Anyone, Owner, Reader, Writer, bearer, shows_credentials,
};
pub(crate) use json::{Member, Read};
pub use limits::{Limits, Quotas};
pub(crate) use limits::{Policy, limit_account, limit_address};
pub(crate) use media_type::{MediaType, unsupported};
pub(crate) use merge_patch::Variant;
pub use middleware::wrap;
pub(crate) use page::{Page, PageParams, Sort};
pub(crate) use query::{Query, Search, read_by};
pub(crate) use reason::Reason;
pub(crate) use routes::{Routes, fallback};
pub(crate) use slots::{Slot, Slots};
pub(crate) use upload::{Arriving, Cut};

use actix_web::HttpResponse;
use actix_web::http::header::HeaderValue;

/// What a handler gives: an answer, or an error that becomes one.
pub(crate) type HandlerResult = Result<HttpResponse, ApiError>;

/// How public resources are cached: by anybody, but asked after each time.
pub(crate) const PUBLIC: HeaderValue = HeaderValue::from_static("public, no-cache");

/// How what never changes at its address is cached: for a year, unasked (RFC 8246).
pub(crate) const IMMUTABLE: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable");
