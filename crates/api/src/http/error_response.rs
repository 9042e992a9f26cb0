//! Writes all errors in the same format, whether they come from a handler or from the framework.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};

use super::accept::AcceptLines;
use super::change_response::change_response;
use super::error_body::{About, render};
use super::request_id::RequestId;
use super::{ApiError, Reason};
use bookshelf_domain::error_chain;

/// Writes an error in the format that the client prefers, and logs its cause.
pub(super) async fn write(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let asked = Asked {
        uri: request.uri().clone(),
        accept: AcceptLines::of(request.headers()),
        request_id: request.extensions().get::<RequestId>().cloned(),
    };
    change_response(next.call(request).await, |response| {
        let status = response.status();
        match status.is_client_error() || status.is_server_error() {
            true => asked.write_error(response),
            false => response,
        }
    })
}

/// The parts of a request on which the body of an error depends.
struct Asked {
    uri: Uri,
    accept: AcceptLines,
    request_id: Option<RequestId>,
}

impl Asked {
    fn write_error(&self, mut response: HttpResponse) -> HttpResponse {
        let by_status;
        let error = match response.error().and_then(|error| error.as_error::<ApiError>()) {
            Some(error) => error,
            None => {
                by_status = ApiError::new(Reason::of_status(response.status()));
                &by_status
            }
        };
        log(error);
        let about = About {
            request_id: self.request_id.as_ref().map_or("", RequestId::as_str),
            path: self.uri.path(),
            as_problem: self.accept.parse().is_some_and(|accept| accept.prefers_problem()),
        };
        let (content_type, body) = render(error, &about);
        let (status, reason) = (error.status(), error.reason);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(challenge) = challenge(reason) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(wait) = retry_after(reason)
            && !headers.contains_key(header::RETRY_AFTER)
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(wait));
        }
        response.map_body(|_, _| BoxBody::new(body))
    }
}

fn log(error: &ApiError) {
    let Some(cause) = &error.cause else { return };
    let cause = error_chain(&**cause);
    if matches!(error.reason, Reason::Unavailable | Reason::InsufficientStorage) {
        // The adapters report an outage in few lines, however many requests it fails.
        tracing::debug!(cause, "the service is unavailable");
    } else {
        tracing::error!(cause, "a request failed");
    }
}

/// After how many seconds a client should try again. A refusal by a rate limit has a more exact
/// number already.
const fn retry_after(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::Unavailable => Some("1"),
        // Somebody has to make space.
        Reason::InsufficientStorage => Some("30"),
        // A file or an image is under way, which takes a while.
        Reason::RateLimited => Some("5"),
        _ => None,
    }
}

/// The challenge of a 401 (RFC 6750, section 3). It names an error only if the request had an access token
/// or a refresh token.
fn challenge(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::TokenMissing | Reason::InvalidCredentials | Reason::ApiKeyInvalid => {
            r#"Bearer realm="bookshelf""#
        }
        Reason::TokenExpired => {
            r#"Bearer realm="bookshelf", error="invalid_token", error_description="The token has expired""#
        }
        Reason::TokenInvalid => {
            r#"Bearer realm="bookshelf", error="invalid_token", error_description="The token is not valid""#
        }
        Reason::TokenRevoked | Reason::TokenReused => {
            r#"Bearer realm="bookshelf", error="invalid_token", error_description="The token was revoked""#
        }
        _ => return None,
    })
}
