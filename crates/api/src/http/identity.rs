//! Extractors that identify the caller and count the request.
//!
//! A handler takes one of these extractors. The extractor refuses every other caller, and counts
//! the request under the principal's rate limit. A handler that takes [`Anyone`] is public.
//! Credentials decide only under which name its requests are counted. A request that was counted is
//! refused if it has parameters and its operation has none.

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use bookshelf_application::{self as application, Caller, Principal};
use futures_util::future::LocalBoxFuture;

use super::limits::{limit, limit_address};
use super::logged::log_principal;
use super::routes::refuse_parameters;
use super::{ApiError, Context, Policy, Reason, client_for_rate_limits, client_for_shares};

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Any client. It is counted under the user or the API key of its credentials, if they are genuine, or
/// else by its address. So clients behind one address do not use up each other's limit.
pub(crate) struct Anyone {
    /// Whose share of the server a long request takes: the user's, whatever the credentials, or that
    /// of the address.
    pub(crate) client: Principal,
}

/// See [`application::Reader`].
pub(crate) struct Reader(pub(crate) application::Reader);

/// See [`application::Writer`].
pub(crate) struct Writer(pub(crate) application::Writer);

/// See [`application::CatalogueWriter`].
pub(crate) struct CatalogueWriter(pub(crate) application::CatalogueWriter);

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
            let Sender { principal, client } = sender(&request).await?;
            limit(Policy::of(request.method()), principal, &request).await?;
            refuse_parameters(&request)?;
            Ok(Self { client })
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

impl FromRequest for CatalogueWriter {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = authenticate(request.clone());
        Box::pin(async move { Ok(Self(caller.await?.into_catalogue_writer()?)) })
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
            log_principal(caller.principal(), &request);
            limit(Policy::of(request.method()), caller.principal(), &request).await?;
            refuse_parameters(&request)?;
            Ok(caller)
        }
        Err(error) => {
            limit_address(Policy::of(request.method()), &request).await?;
            Err(error)
        }
    }
}

/// Admits a request without a caller under a limit of its address.
pub(crate) async fn admit_address(policy: Policy, request: &HttpRequest) -> Result<(), ApiError> {
    limit_address(policy, request).await?;
    refuse_parameters(request)
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

/// Counts a request that fits no operation as a read.
pub(super) async fn count_read(request: &HttpRequest) -> Result<(), ApiError> {
    limit(Policy::Read, sender(request).await?.principal, request).await
}

/// The sender of a public request.
struct Sender {
    /// The name under which the request is counted.
    principal: Principal,
    /// See [`Anyone::client`].
    client: Principal,
}

async fn sender(request: &HttpRequest) -> Result<Sender, ApiError> {
    let genuine = genuine(Context::of(request)?, request.headers()).await;
    Ok(genuine.unwrap_or_else(|| Sender {
        principal: client_for_rate_limits(request),
        client: client_for_shares(request),
    }))
}

/// Whose credentials a public request has. Nobody else can make such credentials. It does not matter
/// whether the session of an access token has ended, so the token is not looked up.
async fn genuine(context: &Context, headers: &HeaderMap) -> Option<Sender> {
    let (principal, user) = match (bearer(headers).ok()?, headers.get(&X_API_KEY)) {
        (Some(token), None) => {
            let user = context.accounts.signed_for(token)?;
            (Principal::User(user), user)
        }
        (None, Some(key)) => {
            let caller = context.api_keys.authenticate(key.to_str().ok()?).await.ok()?;
            (caller.principal(), caller.user().id)
        }
        _ => return None,
    };
    Some(Sender { principal, client: Principal::User(user) })
}

/// The owner whose access token a request has. It is for requests that were counted before, by
/// [`Anyone`].
pub(crate) async fn owner(request: &HttpRequest) -> Result<application::Owner, ApiError> {
    let caller = identify(Context::of(request)?, request.headers()).await?;
    log_principal(caller.principal(), request);
    Ok(caller.into_owner()?)
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
