use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::rt::time::timeout;
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::connection::Peer;
use super::{ApiError, Context, Reason};

/// Turns panics and timeouts into errors, and ends reads that nobody waits for.
pub(super) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let limit = time_limit(&request);
    // A read that nobody waits for stops, and so does a login, because nobody would get its tokens.
    // Any other write goes on, or its client would not know whether it took effect.
    let stops = request.method().is_safe() || is_post_to(&["/auth/login"], &request);
    let peer = stops.then(|| Peer::of(&request));
    let answer = async {
        let Some(limit) = limit else { return next.call(request).await };
        let given_up = async {
            match peer {
                Some(peer) => peer.closed().await,
                None => pending().await,
            }
        };
        let call = pin!(next.call(request));
        let given_up = pin!(given_up);
        match timeout(limit, select(call, given_up)).await {
            Ok(Either::Left((answer, _))) => answer,
            Ok(Either::Right(_)) => {
                let error = ApiError::new(Reason::BadRequest);
                Err(error.message("The client closed the connection").into())
            }
            Err(_) => {
                let error = ApiError::new(Reason::Unavailable);
                Err(error.message("The request took too long; try again in a moment").into())
            }
        }
    };
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(answer) => answer.map(ServiceResponse::map_into_boxed_body),
        // The panic hook of the program has logged the panic.
        Err(_) => Err(ApiError::new(Reason::InternalError).into()),
    }
}

/// The time limit of requests, except for imports. An import has a time limit of its own (see
/// [`Body::read_file`](super::Body::read_file)), after which it still reports what it did.
fn time_limit(request: &ServiceRequest) -> Option<Duration> {
    let context = Context::find(request.request())?;
    let is_import = is_post_to(&["/books/import", "/shelf/import"], request);
    (!is_import).then_some(context.settings.request_timeout)
}

fn is_post_to(ends: &[&str], request: &ServiceRequest) -> bool {
    let path = request.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    request.method() == Method::POST && ends.iter().any(|end| path.ends_with(end))
}
