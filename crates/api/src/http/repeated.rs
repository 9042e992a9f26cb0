//! Headers that a request may have only once.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName};
use actix_web::middleware::Next;

use super::{ApiError, Reason};

/// Each has one value that decides how the request is read.
static SINGLE: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("api-version"),
];

/// Refuses a request that has one of these headers on several lines. This server would take the first
/// line. A proxy in front of it may have taken another one, and have allowed another request.
pub(super) async fn refuse(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let is_repeated = |name: &&HeaderName| request.headers().get_all(*name).nth(1).is_some();
    match SINGLE.iter().find(is_repeated) {
        None => Ok(next.call(request).await?.map_into_boxed_body()),
        Some(name) => {
            let sentence =
                format!("The request has the header {name} more than once; send it once");
            Ok(request.error_response(ApiError::new(Reason::BadRequest).message(sentence)))
        }
    }
}
