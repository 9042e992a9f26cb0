use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use tracing::Instrument;

use super::change_response::change_response;
use super::request_id::{RequestId, X_REQUEST_ID};

/// Gives every request an id, which its response and its log lines contain, and logs one line when
/// the request is answered.
pub(super) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let started = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let request_id = RequestId::of(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let span = tracing::info_span!("request", request_id = request_id.as_str());
    change_response(next.call(request).instrument(span).await, |mut response| {
        response.headers_mut().insert(X_REQUEST_ID.clone(), request_id.header());
        tracing::info!(
            target: "bookshelf::access",
            method = method.as_str(),
            path = uri.path(),
            status = response.status().as_u16(),
            micros = started.elapsed().as_micros() as u64,
            request_id = request_id.as_str(),
            "request"
        );
        response
    })
}
