//! Extractors that identify the caller and count the request.
//!
//! A handler takes one of these extractors. The extractor refuses every other caller, and counts
//! the request under the principal's rate limit. A handler that takes [`Anyone`] is public and
//! ignores credentials.

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use bookshelf_application::{self as application, Caller};
use futures_util::future::LocalBoxFuture;

use super::limits::{limit_address, limit_principal};
use super::{ApiError, Context, Policy, Reason};

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Any client. It is counted by its address.
pub(crate) struct Anyone;

/// See [`application::Reader`].
pub(crate) struct Reader(pub(crate) application::Reader);

/// See [`application::Writer`].
pub(crate) struct Writer(pub(crate) application::Writer);

/// See [`application::AdminReader`].
pub(crate) struct AdminReader(pub(crate) application::AdminReader);

/// See [`application::AdminWriter`].
pub(crate) struct AdminWriter(pub(crate) application::AdminWriter);

/// See [`application::Owner`].
pub(crate) struct Owner(pub(crate) application::Owner);

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            limit_address(Policy::of(request.method()), &request).await?;
            Ok(Self)
        })
    }
}

impl FromRequest for Reader {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_reader()?)) })
    }
}

impl FromRequest for Writer {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_writer()?)) })
    }
}

impl FromRequest for AdminReader {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_admin_reader()?)) })
    }
}

impl FromRequest for AdminWriter {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_admin_writer()?)) })
    }
}

impl FromRequest for Owner {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_owner()?)) })
    }
}

/// Checks the credentials of a request and counts it under their principal. A request without valid
/// credentials is counted under its address, so that a client cannot guess many credentials.
async fn authenticate(request: HttpRequest) -> Result<Caller, ApiError> {
    match identify(Context::of(&request)?, request.headers()).await {
        Ok(caller) => {
            limit_principal(caller.principal(), &request).await?;
            Ok(caller)
        }
        Err(error) => {
            limit_address(Policy::of(request.method()), &request).await?;
            Err(error)
        }
    }
}

async fn identify(context: &Context, headers: &HeaderMap) -> Result<Caller, ApiError> {
    match (bearer(headers)?, headers.get(&X_API_KEY)) {
        (Some(_), Some(_)) => Err(ApiError::new(Reason::BadRequest)
            .message("The request has both an access token and an API key: send only one of them")),
        (Some(token), None) => Ok(context.accounts.authenticate(token).await?),
        (None, Some(key)) => {
            Ok(context.api_keys.authenticate(key.to_str().unwrap_or_default()).await?)
        }
        (None, None) => Err(Reason::TokenMissing.into()),
    }
}

/// Whether a request has credentials, valid or not.
pub(crate) fn shows_credentials(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(AUTHORIZATION) || headers.contains_key(&X_API_KEY)
}

/// The token of `Authorization: Bearer …` (RFC 6750, section 2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| ApiError::new(Reason::TokenInvalid))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    match token.trim() {
        _ if !scheme.eq_ignore_ascii_case("bearer") => Ok(None),
        "" => Err(Reason::TokenInvalid.into()),
        token => Ok(Some(token)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn token(authorization: &str) -> Result<Option<String>, Reason> {
        let header = (AUTHORIZATION, authorization);
        let request = TestRequest::default().insert_header(header).to_http_request();
        let token = bearer(request.headers()).map_err(|error| error.reason)?;
        Ok(token.map(str::to_owned))
    }

    #[test]
    fn only_the_scheme_bearer_carries_a_token() {
        assert_eq!(token("Bearer abc"), Ok(Some("abc".to_owned())));
        assert_eq!(token("bearer  abc "), Ok(Some("abc".to_owned())));
        assert_eq!(token("Basic abc"), Ok(None));
        assert_eq!(token("Bearer"), Err(Reason::TokenInvalid));
        assert_eq!(token("Bearer "), Err(Reason::TokenInvalid));
    }
}
