//! The other paths of a route: with encoded letters, with a trailing slash, and without the version.

use std::convert::Infallible;

use actix_web::Error;
use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_LENGTH, HeaderValue};
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

/// Whether the response to a path depends on `Accept`. A health check always gets its response.
pub(super) fn is_negotiated(path: &str) -> bool {
    is_api(path) && path != UNVERSIONED
}

/// Decodes the encoded letters of a path that need no encoding (RFC 3986, section 6.2.2.2), so that
/// every middleware after this one sees the path as the router does.
pub(super) async fn decode<B>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error>
where
    B: MessageBody + 'static,
{
    if request.path().contains('%') {
        let path = decoded(request.path());
        // A decoded path is valid if the path was.
        let _ = set_path(&mut request, &path);
    }
    next.call(request).await
}

/// Finds the route behind every form of a path.
pub(super) async fn resolve(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    match normalise(&mut request) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// Answers `HEAD` as `GET`, without the body.
pub(super) async fn answer_head(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
    }
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(if is_head { without_body(response) } else { response })
}

/// Drops the body, and keeps its length in the header. The framework would drop it too, but it looks
/// at the method of the last request that arrived, which is another one if requests are pipelined.
fn without_body(mut response: ServiceResponse) -> ServiceResponse {
    if let BodySize::Sized(length) = response.response().body().size() {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    // Neither a length of the empty body nor its encoding is written.
    response.response_mut().head_mut().no_chunking(true);
    let nothing = stream::empty::<Result<Bytes, Infallible>>();
    response.map_body(|_, _| BoxBody::new(BodyStream::new(nothing)))
}

/// Replaces the path by the one under which the route is registered: without a trailing slash, and
/// with the version that the header `API-Version` names.
fn normalise(request: &mut ServiceRequest) -> Result<(), ApiError> {
    let path = match canonical(request.path()) {
        Canonical::Already => return Ok(()),
        Canonical::Trimmed(path) => path.to_owned(),
        Canonical::Versioned(path) => {
            let version = request.headers().get("api-version");
            if version.is_some_and(|version| version != "1") {
                return Err(Reason::UnsupportedApiVersion.into());
            }
            path
        }
    };
    set_path(request, &path)
}

fn set_path(request: &mut ServiceRequest, path: &str) -> Result<(), ApiError> {
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
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

fn decoded(path: &str) -> String {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.map(char::from) {
            Some(letter) if letter.is_ascii_alphanumeric() || "-._~".contains(letter) => {
                decoded.push(letter);
                rest = &after[2..];
            }
            _ => {
                decoded.push('%');
                rest = after;
            }
        }
    }
    decoded + rest
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
    fn only_letters_that_need_no_encoding_are_decoded() {
        assert_eq!(decoded("/%61pi/v1/b%6Foks%2Fimpor%74"), "/api/v1/books%2Fimport");
        assert_eq!(decoded("/%7Eann/%2561/%C3%A9/%+1/%4"), "/~ann/%2561/%C3%A9/%+1/%4");
        assert_eq!(decoded("/api/é%61"), "/api/éa");
    }

    #[test]
    fn a_path_that_only_begins_like_the_api_does_not_belong_to_it() {
        assert!(is_api("/api") && is_api("/api/v1/books"));
        assert!(!is_api("/apidocs/") && !is_api("/apix") && !is_api("/health"));
    }
}
