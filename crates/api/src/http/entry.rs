//! What happens to every request, whatever its route: once on the way in, once on the way out.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpResponse};
use futures_util::{FutureExt, Stream, stream};
use tracing::Instrument;

use super::connection::Busy;
use super::cors::Cors;
use super::error::chain;
use super::error_body::{About, render};
use super::request_id::{RequestId, X_REQUEST_ID};
use super::{ApiError, Reason, accept, limits, path, routes};
use crate::{App, paths};

static API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// What is remembered of a request until it is answered.
struct Exchange {
    started: Instant,
    method: Method,
    /// As it came in, before it was sent to its route.
    uri: Uri,
    accept: Option<HeaderValue>,
    request_id: RequestId,
    hsts: bool,
    /// Under the API only.
    cors: Option<Cors>,
    timeout: Option<Duration>,
    busy: Option<Busy>,
}

/// The middleware to wrap the whole application in, with [`actix_web::middleware::from_fn`].
///
/// It finds the route behind every form of an address, lets the routes of `GET` answer `HEAD`, gives
/// every answer its common headers, writes every error, panics too, in the one shape, and logs one
/// line a request.
pub async fn entry(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let exchange = Exchange::new(&request);
    if exchange.cors.as_ref().is_some_and(Cors::is_preflight) {
        return Ok(exchange.finish(request.into_response(HttpResponse::NoContent())));
    }
    if let Err(refusal) = exchange.admit(&mut request) {
        return Ok(exchange.finish(request.error_response(refusal)));
    }
    // Whatever is logged on the way tells which request it belongs to.
    let span = tracing::info_span!("request", request_id = exchange.request_id.as_str());
    let answer = async { within(exchange.timeout, next.call(request)).await }.instrument(span);
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(Ok(response)) => Ok(exchange.finish(response.map_into_boxed_body())),
        Ok(Err(error)) => Err(exchange.finish_without_request(HttpResponse::from_error(error))),
        Err(panic) => {
            let request_id = exchange.request_id.as_str();
            tracing::error!(request_id, panic = panic_message(&*panic), "a handler panicked");
            let error = ApiError::new(Reason::InternalError);
            Err(exchange.finish_without_request(HttpResponse::from_error(error)))
        }
    }
}

/// An answer that takes too long to begin is an error of its own; one that has begun may take its time.
async fn within<T>(
    limit: Option<Duration>,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return answer.await };
    timeout(limit, answer).await.unwrap_or_else(|_| {
        let error = ApiError::new(Reason::Unavailable);
        Err(error.message("The request took too long; try again in a moment").into())
    })
}

impl Exchange {
    fn new(request: &ServiceRequest) -> Self {
        let head = request.head();
        let settings = request.app_data::<web::Data<App>>().map(|app| &app.settings);
        let is_api = path::is_api(head.uri.path());
        Self {
            started: Instant::now(),
            method: head.method.clone(),
            uri: head.uri.clone(),
            accept: head.headers.get(header::ACCEPT).cloned(),
            request_id: RequestId::of(&head.headers),
            hsts: settings.is_some_and(|settings| settings.hsts),
            cors: settings
                .filter(|_| is_api)
                .map(|settings| Cors::of(&settings.cors_origins, &head.method, &head.headers)),
            timeout: settings
                .filter(|_| !paths::takes_its_time(&head.method, head.uri.path()))
                .map(|settings| settings.request_timeout),
            busy: Busy::with(request),
        }
    }

    fn admit(&self, request: &mut ServiceRequest) -> Result<(), ApiError> {
        path::normalise(request)?;
        if self.method == Method::HEAD {
            // The codec remembers that it must not send a body.
            request.head_mut().method = Method::GET;
        }
        match self.accept() {
            Some(accept) if path::is_api(self.uri.path()) => routes::acceptable(request, accept),
            _ => Ok(()),
        }
    }

    fn accept(&self) -> Option<&str> {
        self.accept.as_ref().and_then(|accept| accept.to_str().ok())
    }

    fn finish(mut self, response: ServiceResponse) -> ServiceResponse {
        let (request, response) = response.into_parts();
        let mut response = self.complete(response);
        limits::announce(&request, &mut response);
        routes::announce(&request, &mut response);
        ServiceResponse::new(request, response)
    }

    /// A panic takes the request with it, and the framework answers an error without one.
    fn finish_without_request(mut self, response: HttpResponse) -> Error {
        InternalError::from_response("answered", self.complete(response)).into()
    }

    fn complete(&mut self, mut response: HttpResponse) -> HttpResponse {
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            response = self.write_error(response);
        }
        self.add_headers(response.headers_mut());
        tracing::info!(
            target: "bookshelf::access",
            method = self.method.as_str(),
            path = self.uri.path(),
            status = response.status().as_u16(),
            micros = self.started.elapsed().as_micros() as u64,
            request_id = self.request_id.as_str(),
            "request"
        );
        if self.method == Method::HEAD && response.body().size() == BodySize::Stream {
            // Its head says all; nobody would read what is made of the rest.
            response = response.map_body(|_, _| BoxBody::new(BodyStream::new(nothing())));
        }
        match self.busy.take() {
            Some(busy) => response.map_body(|_, body| busy.until_sent(body)),
            None => response,
        }
    }

    fn write_error(&self, mut response: HttpResponse) -> HttpResponse {
        let by_status;
        let error = match response.error().and_then(|error| error.as_error::<ApiError>()) {
            Some(error) => error,
            None => {
                by_status = ApiError::new(Reason::of_status(response.status()));
                &by_status
            }
        };
        self.log(error);
        let about = About {
            request_id: self.request_id.as_str(),
            path: self.uri.path(),
            as_problem: self.accept().is_some_and(accept::prefers_problem),
        };
        let (content_type, body) = render(error, &about);
        let (status, reason) = (error.status(), error.reason);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        if let Some(challenge) = challenge(reason) {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if reason == Reason::Unavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response.map_body(|_, _| BoxBody::new(body))
    }

    fn log(&self, error: &ApiError) {
        let request_id = self.request_id.as_str();
        let Some(cause) = &error.cause else { return };
        let cause = chain(&**cause);
        if error.reason == Reason::Unavailable {
            tracing::warn!(request_id, cause, "the service is unavailable");
        } else {
            tracing::error!(request_id, cause, "a request failed");
        }
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        headers.insert(X_REQUEST_ID.clone(), self.request_id.header());
        if !path::is_api(self.uri.path()) {
            return;
        }
        headers.insert(API_VERSION.clone(), HeaderValue::from_static("1"));
        if let Some(cors) = &self.cors {
            cors.add_headers(headers);
        }
        // Whatever is not said to be public may have needed credentials.
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        // Some answers have a stricter one of their own.
        if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
            );
        }
        if self.hsts {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
        }
    }
}

/// The challenge of a 401 (RFC 6750, section 3): an error only where a token was shown.
fn challenge(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::TokenMissing | Reason::InvalidCredentials => r#"Bearer realm="bookshelf""#,
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

fn nothing() -> impl Stream<Item = Result<Bytes, Infallible>> {
    stream::empty()
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("")
}
