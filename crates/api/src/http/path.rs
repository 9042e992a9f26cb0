//! The other paths of a route: with a trailing slash, and without the version.

use std::borrow::Cow;
use std::convert::Infallible;

use actix_web::Error;
use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::stream;

use super::{ApiError, Reason};

/// The path under `/api` that has no version.
const UNVERSIONED: &str = "/api/health";

/// Whether a path belongs to the API. Its responses have more headers than others.
pub(super) fn is_api(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Finds the route behind every form of a path, and answers `HEAD` as `GET` without the body.
pub(super) async fn resolve(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    if let Err(refusal) = normalise(&mut request) {
        return Ok(request.error_response(refusal));
    }
    let is_head = request.method() == Method::HEAD;
    if is_head {
        // The codec of actix-web still knows the method and sends no body.
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?.map_into_boxed_body();
    if is_head && response.response().body().size() == BodySize::Stream {
        // The stream is not sent, so its pieces need not be generated.
        let nothing = stream::empty::<Result<Bytes, Infallible>>();
        return Ok(response.map_body(|_, _| BoxBody::new(BodyStream::new(nothing))));
    }
    Ok(response)
}

/// Replaces the path by the one under which the route is registered: without a trailing slash, and
/// with the version that the header `API-Version` names.
fn normalise(request: &mut ServiceRequest) -> Result<(), ApiError> {
    let path = match canonical(request.path()) {
        Canonical::Already => return Ok(()),
        Canonical::Trimmed(path) => Cow::Borrowed(path),
        Canonical::Versioned(path) => {
            let version = request.headers().get("api-version");
            if version.is_some_and(|version| version != "1") {
                return Err(Reason::UnsupportedApiVersion.into());
            }
            Cow::Owned(path)
        }
    };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.into_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(
        PathAndQuery::from_maybe_shared(Bytes::from(target))
            .map_err(|_| ApiError::new(Reason::BadRequest))?,
    );
    let uri = Uri::from_parts(parts).map_err(|_| ApiError::new(Reason::BadRequest))?;
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Canonical<'a> {
    Already,
    Trimmed(&'a str),
    Versioned(String),
}

fn canonical(path: &str) -> Canonical<'_> {
    if path.starts_with("/apidocs") {
        return Canonical::Already;
    }
    let trimmed = match path.strip_suffix('/') {
        Some(trimmed) if !trimmed.is_empty() => trimmed,
        _ => path,
    };
    match trimmed.strip_prefix("/api") {
        Some(rest)
            if (rest.is_empty() || rest.starts_with('/'))
                && rest != "/v1"
                && !rest.starts_with("/v1/")
                && trimmed != UNVERSIONED =>
        {
            Canonical::Versioned(format!("/api/v1{rest}"))
        }
        _ if trimmed.len() == path.len() => Canonical::Already,
        _ => Canonical::Trimmed(trimmed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_path_leads_to_the_registered_one() {
        let versioned = |path: &str| Canonical::Versioned(path.to_owned());
        assert_eq!(canonical("/api/v1/books"), Canonical::Already);
        assert_eq!(canonical("/api/v1/books/"), Canonical::Trimmed("/api/v1/books"));
        assert_eq!(canonical("/api/books/7"), versioned("/api/v1/books/7"));
        assert_eq!(canonical("/api/"), versioned("/api/v1"));
        assert_eq!(canonical("/api"), versioned("/api/v1"));
        assert_eq!(canonical("/api/v1"), Canonical::Already);
        assert_eq!(canonical("/api/v10/books"), versioned("/api/v1/v10/books"));
        assert_eq!(canonical("/api/health/"), Canonical::Trimmed("/api/health"));
        assert_eq!(canonical("/apidocs/"), Canonical::Already);
        assert_eq!(canonical("/"), Canonical::Already);
    }

    #[test]
    fn a_path_that_only_begins_like_the_api_does_not_belong_to_it() {
        assert!(is_api("/api") && is_api("/api/v1/books"));
        assert!(!is_api("/apidocs/") && !is_api("/apix") && !is_api("/health"));
    }
}
