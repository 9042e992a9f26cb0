use std::time::Duration;

use actix_web::{HttpRequest, web};
use bookshelf_application::accounts::Accounts;
use bookshelf_application::api_keys::ApiKeys;

use super::{ApiError, CorsOrigins, Limits, LogAddress, Reason, TrustedProxies};

/// What middlewares and extractors need to handle a request.
pub struct Context {
    /// Checks access tokens.
    pub accounts: Accounts,
    /// Checks API keys.
    pub api_keys: ApiKeys,
    pub limits: Limits,
    pub trusted_proxies: TrustedProxies,
    pub settings: Settings,
}

/// The settings of the HTTP interface.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether `PUT`, `PATCH` and `DELETE` need `If-Match`.
    pub require_if_match: bool,
    /// Whether responses have the header `Strict-Transport-Security`.
    pub hsts: bool,
    /// How much of the client's address the log contains.
    pub log_address: LogAddress,
    /// The origins whose pages may read responses.
    pub cors_origins: CorsOrigins,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// The largest size of a JSON body.
    pub json_bytes: usize,
    /// The deepest nesting of a JSON body.
    pub json_depth: usize,
    /// How long an import may take.
    pub import_timeout: Duration,
    /// How long a request may take until it is answered.
    pub request_timeout: Duration,
}

impl Context {
    /// The context that [`configure`](crate::configure) registered.
    pub(super) fn of(request: &HttpRequest) -> Result<&Self, ApiError> {
        Self::find(request).ok_or_else(|| Reason::InternalError.into())
    }

    pub(super) fn find(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(|context| &***context)
    }
}
