use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use futures_util::FutureExt;

use super::{ApiError, Context, Reason};

/// Turns panics and timeouts into errors.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let limit = time_limit(&request);
    let answer = async {
        let Some(limit) = limit else { return next.call(request).await };
        timeout(limit, next.call(request)).await.unwrap_or_else(|_| {
            let error = ApiError::new(Reason::Unavailable);
            Err(error.message("The request took too long; try again in a moment").into())
        })
    };
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(answer) => answer.map(ServiceResponse::map_into_boxed_body),
        Err(panic) => {
            tracing::error!(panic = panic_message(&*panic), "a handler panicked");
            Err(ApiError::new(Reason::InternalError).into())
        }
    }
}

fn time_limit(request: &ServiceRequest) -> Option<Duration> {
    let context = Context::find(request.request())?;
    let is_import = is_import(request.method(), request.path());
    (!is_import).then_some(context.settings.request_timeout)
}

/// Whether a request is an import. An import reads a file of any length, so it has no limit of
/// total time. Every other request must be answered within the time limit of requests.
fn is_import(method: &Method, path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    method == Method::POST
        && ["/books/import", "/shelf/import"].iter().any(|end| path.ends_with(end))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("")
}
