//! Who is calling. A handler that takes one of these may be called by nobody else; one that takes
//! none is public and does not look at credentials.

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest, web};
use bookshelf_application::{self as application, Actor};
use futures_util::future::LocalBoxFuture;

use super::{ApiError, Reason};
use crate::App;

/// Somebody with an account.
pub(crate) struct User(pub(crate) Actor);

/// Somebody in a session of their own.
pub(crate) struct Owner(pub(crate) application::Owner);

/// Somebody who may administer.
pub(crate) struct Admin(pub(crate) application::Admin);

impl FromRequest for User {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owner = authenticate(request.clone());
        Box::pin(async move { Ok(Self(owner.await?.into())) })
    }
}

impl FromRequest for Owner {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owner = authenticate(request.clone());
        Box::pin(async move { Ok(Self(owner.await?)) })
    }
}

impl FromRequest for Admin {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owner = authenticate(request.clone());
        Box::pin(async move { Ok(Self(Actor::from(owner.await?).try_into()?)) })
    }
}

async fn authenticate(request: HttpRequest) -> Result<application::Owner, ApiError> {
    let token = bearer(request.headers())?.ok_or(ApiError::new(Reason::TokenMissing))?;
    let app = request.app_data::<web::Data<App>>().ok_or(ApiError::new(Reason::InternalError))?;
    Ok(app.accounts.authenticate(token).await?)
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
