use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::change_response::change_response;
use super::{Context, PRIVATE, path};

static API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// Adds the headers that every response has, and those of every response of the API.
pub(super) async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let is_api = path::is_api(request.path());
    let hsts = Context::find(request.request()).is_some_and(|context| context.settings.hsts);
    change_response(next.call(request).await, |mut response| {
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if hsts {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
        }
        if is_api {
            add_to(headers);
        }
        response
    })
}

fn add_to(headers: &mut HeaderMap) {
    headers.insert(API_VERSION.clone(), HeaderValue::from_static("1"));
    // A response without `Cache-Control` may contain private data.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, PRIVATE);
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Some responses have their own policy already.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
}
