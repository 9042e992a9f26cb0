//! Requests from pages of other origins: CORS (the Fetch standard,
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>).

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

use super::change_response::change_response;
use super::{Context, path};

/// The origins whose pages may read responses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CorsOrigins {
    #[default]
    None,
    Any,
    /// Origins in the form in which browsers send them in `Origin`.
    Only(Vec<String>),
}

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Accept, If-Match, If-None-Match, \
    Idempotency-Key, X-API-Key, X-Request-Id, API-Version";
const EXPOSED: &str = "ETag, Link, Location, X-Total-Count, X-Request-Id, Retry-After, RateLimit, \
    RateLimit-Policy, API-Version, Idempotency-Replayed";
const MAX_AGE: &str = "600";

/// Answers preflights, and adds the headers that say which origins may read a response of the API.
pub(super) async fn allow(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let context = Context::find(request.request()).filter(|_| path::is_api(request.path()));
    let cors = context.map(|context| {
        Cors::of(&context.settings.cors_origins, request.method(), request.headers())
    });
    let Some(cors) = cors else {
        return change_response(next.call(request).await, |response| response);
    };
    let add_headers = |mut response: HttpResponse| {
        cors.add_headers(response.headers_mut());
        response
    };
    if cors.preflight {
        return Ok(request.into_response(add_headers(HttpResponse::NoContent().finish())));
    }
    change_response(next.call(request).await, add_headers)
}

/// What CORS allows for one request.
#[derive(Debug)]
struct Cors {
    /// The value of `Access-Control-Allow-Origin`.
    allowed: Option<HeaderValue>,
    /// Whether the response depends on the origin.
    varies: bool,
    /// Whether the request is the preflight of an allowed origin.
    preflight: bool,
}

impl Cors {
    fn of(origins: &CorsOrigins, method: &Method, headers: &HeaderMap) -> Self {
        let origin = headers.get(header::ORIGIN);
        let allowed = match origins {
            CorsOrigins::None => None,
            CorsOrigins::Any => origin.map(|_| HeaderValue::from_static("*")),
            CorsOrigins::Only(origins) => origin
                .filter(|origin| origins.iter().any(|own| own.as_bytes() == origin.as_bytes()))
                .cloned(),
        };
        let asks = headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            preflight: allowed.is_some() && method == Method::OPTIONS && asks,
            varies: *origins != CorsOrigins::None,
            allowed,
        }
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        if self.varies {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(allowed) = &self.allowed else { return };
        let fixed = HeaderValue::from_static;
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed.clone());
        if self.preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, fixed(METHODS));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fixed(REQUEST_HEADERS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, fixed(MAX_AGE));
        } else {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, fixed(EXPOSED));
        }
    }
}
