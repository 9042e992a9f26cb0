use std::time::Duration;

use actix_web::web::Bytes;
use bookshelf_application::accounts::Accounts;
use bookshelf_application::api_keys::ApiKeys;
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::shelves::Shelves;
use bookshelf_domain::Expected;
use futures_util::future::BoxFuture;

use crate::http::{self, ApiError, CorsOrigins, Limits, TrustedProxies};
use crate::transfer::Transfers;

/// Tells whether requests can be served: the database answers and the server is not draining.
pub type Readiness = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// What the routes need.
pub struct App {
    pub books: Books,
    /// The same for whoever shows no credentials; what it shows may be a moment old.
    pub public_books: Books,
    pub covers: Covers,
    pub accounts: Accounts,
    pub api_keys: ApiKeys,
    pub transfers: Transfers,
    pub shelves: Shelves,
    /// The public keys of access tokens, as JSON.
    pub jwks: Bytes,
    pub settings: Settings,
    pub limits: Limits,
    pub trusted_proxies: TrustedProxies,
    pub readiness: Readiness,
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether `PUT`, `PATCH` and `DELETE` need `If-Match`.
    pub require_if_match: bool,
    /// Whether browsers are told to come back over TLS only.
    pub hsts: bool,
    /// Who may read answers from a page of another origin.
    pub cors_origins: CorsOrigins,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How large a JSON body may be.
    pub json_bytes: usize,
    /// How deep a JSON body may be nested.
    pub json_depth: usize,
    /// How long a request may take until it is answered.
    pub request_timeout: Duration,
}

impl App {
    /// The catalogue as this client reads it: whoever shows credentials may have written just now.
    pub(crate) fn books_for(&self, request: &actix_web::HttpRequest) -> &Books {
        if http::shows_credentials(request) { &self.books } else { &self.public_books }
    }

    pub(crate) fn expected(&self, request: &actix_web::HttpRequest) -> Result<Expected, ApiError> {
        http::expected(request, self.settings.require_if_match)
    }
}
