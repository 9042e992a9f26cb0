//! Who is calling, and how often. A handler that takes one of these may be called by nobody else,
//! and within limits; one that takes [`Anyone`] is public and does not look at credentials.

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpRequest, web};
use bookshelf_application::{self as application, Actor};
use bookshelf_domain::api_keys::Permission;
use futures_util::future::LocalBoxFuture;

use super::{ApiError, Policy, Reason};
use crate::App;

static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Anybody: limited by address.
pub(crate) struct Anyone;

/// Somebody with an account, who may read.
pub(crate) struct Reader(pub(crate) Actor);

/// Somebody with an account, who may change things.
pub(crate) struct User(pub(crate) Actor);

/// Somebody in a session of their own.
pub(crate) struct Owner(pub(crate) application::Owner);

/// Somebody who may administer.
pub(crate) struct Admin(pub(crate) application::Admin);

impl FromRequest for Anyone {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            app(&request)?.limit_address(Policy::of(request.method()), &request).await?;
            Ok(Self)
        })
    }
}

impl FromRequest for Reader {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = authenticate(request.clone());
        Box::pin(async move { Ok(Self(allowed(actor.await?, Permission::Read)?)) })
    }
}

impl FromRequest for User {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = authenticate(request.clone());
        Box::pin(async move { Ok(Self(allowed(actor.await?, Permission::Write)?)) })
    }
}

impl FromRequest for Owner {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = authenticate(request.clone());
        Box::pin(async move { Ok(Self(actor.await?.try_into()?)) })
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let needed = if request.method().is_safe() { Permission::Read } else { Permission::Write };
        let actor = authenticate(request.clone());
        Box::pin(async move { Ok(Self(allowed(actor.await?, needed)?.try_into()?)) })
    }
}

fn allowed(actor: Actor, permission: Permission) -> Result<Actor, ApiError> {
    actor.require(permission)?;
    Ok(actor)
}

/// Tells who calls and counts the request under them. Who shows no good credentials is counted by
/// address, so that nobody tries out many.
async fn authenticate(request: HttpRequest) -> Result<Actor, ApiError> {
    let app = app(&request)?;
    match identify(app, request.headers()).await {
        Ok(actor) => {
            app.limit_actor(&actor, &request).await?;
            Ok(actor)
        }
        Err(error) => {
            app.limit_address(Policy::of(request.method()), &request).await?;
            Err(error)
        }
    }
}

fn app(request: &HttpRequest) -> Result<&App, ApiError> {
    let app = request.app_data::<web::Data<App>>().ok_or(ApiError::new(Reason::InternalError))?;
    Ok(app)
}

async fn identify(app: &App, headers: &HeaderMap) -> Result<Actor, ApiError> {
    match (bearer(headers)?, headers.get(&X_API_KEY)) {
        (Some(_), Some(_)) => Err(ApiError::new(Reason::BadRequest)
            .message("The request has both an access token and an API key: send one of them")),
        (Some(token), None) => Ok(app.accounts.authenticate(token).await?.into()),
        (None, Some(key)) => {
            Ok(app.api_keys.authenticate(key.to_str().unwrap_or_default()).await?)
        }
        (None, None) => Err(Reason::TokenMissing.into()),
    }
}

/// Whether somebody says who it is, rightly or not.
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
