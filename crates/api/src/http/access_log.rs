use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use tracing::Instrument;
use tracing::field::Empty;

use super::Context;
use super::change_response::change_response;
use super::logged::KnownPrincipal;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::trace_context::{TRACERESPONSE, TraceContext};

/// Gives every request an id, which its response and its log lines contain, and logs one line when
/// the request is answered. The id, the client's address and the principal are in the span of the
/// request, so every line that the request causes has them, such as those of the audit trail. So is
/// the id of the trace, if the client began one or the span is recorded.
pub(super) async fn log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let started = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let request_id = RequestId::of(request.headers());
    let address = Context::find(request.request()).and_then(|context| {
        let address = context.trusted_proxies.client_address(request.request());
        context.settings.log_address.shown(address)
    });
    let address = address.map(tracing::field::display);
    let trace = TraceContext::of(request.request());
    let trace_id = trace.map(|trace| tracing::field::display(trace.trace_id()));
    let principal = KnownPrincipal::default();
    request.extensions_mut().insert(request_id.clone());
    request.extensions_mut().insert(principal.clone());
    // Its level is that of errors, so that every line has it, whatever level is logged.
    let span = tracing::error_span!(
        "request",
        request_id = request_id.as_str(),
        trace_id,
        address,
        user_id = Empty,
        api_key_id = Empty,
    );
    change_response(next.call(request).instrument(span).await, |mut response| {
        response.headers_mut().insert(X_REQUEST_ID.clone(), request_id.header());
        if let Some(header) = trace.and_then(TraceContext::header) {
            response.headers_mut().insert(TRACERESPONSE.clone(), header);
        }
        tracing::info!(
            target: "bookshelf::access",
            method = beginning(method.as_str(), METHOD),
            path = beginning(uri.path(), PATH),
            status = response.status().as_u16(),
            micros = started.elapsed().as_micros() as u64,
            request_id = request_id.as_str(),
            trace_id,
            address,
            user_id = principal.user_id(),
            api_key_id = principal.api_key_id(),
            "request"
        );
        response
    })
}

/// How much of a path and a method is logged. A client can send 64 KiB of either in each request,
/// and would fill the disk.
pub(super) const PATH: usize = 512;
const METHOD: usize = 32;

pub(super) fn beginning(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_of_a_long_text_is_logged() {
        assert_eq!(beginning("/api", 4), "/api");
        assert_eq!(beginning("/api/v1", 4), "/api");
        assert_eq!(beginning("/é/é", 4), "/é/é");
        assert_eq!(beginning("/ééé", 2), "/é");
    }
}
