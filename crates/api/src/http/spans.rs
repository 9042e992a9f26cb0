//! A span of each request for the collector of an operator, with the names that the semantic
//! conventions of OpenTelemetry give to requests over HTTP.

use std::sync::OnceLock;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use bookshelf_metrics::{METHODS, OTHER};
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{
    Span, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue};

use super::access_log::{PATH, beginning};
use super::change_response::change_response;
use super::found_route::FoundRoute;
use super::metrics::known;
use super::trace_context::TraceContext;

static TRACER: OnceLock<BoxedTracer> = OnceLock::new();

/// Gives the span of each request to this tracer. It comes before [`wrap`](super::wrap).
pub fn record_spans(tracer: BoxedTracer) {
    // A process has one tracer.
    let _: &BoxedTracer = TRACER.get_or_init(|| tracer);
}

pub(super) fn are_on() -> bool {
    TRACER.get().is_some()
}

/// Records the span of a request. A client that closes its connection ends the span too.
pub(super) async fn record(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let Some(tracer) = TRACER.get() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let method = known(METHODS, request.method().as_str());
    let mut span = tracer.build_with_context(begin(method, &request), &parent(&request));
    request.extensions_mut().insert(TraceContext::from(span.span_context()));
    let route = FoundRoute::of(&request);
    change_response(next.call(request).await, |response| {
        end(&mut span, method, &route, response.status());
        response
    })
}

/// The trace of the client decides whether the span is sent, unless the operator wants otherwise.
fn parent(request: &ServiceRequest) -> Context {
    let parent = TraceContext::parent(request.headers());
    parent
        .map_or_else(Context::new, |parent| Context::new().with_remote_span_context(parent.into()))
}

/// The path is written as in the log: without the query, and only its beginning.
fn begin(method: &'static str, request: &ServiceRequest) -> SpanBuilder {
    let path = beginning(request.uri().path(), PATH).to_owned();
    SpanBuilder::from_name(name(method)).with_kind(SpanKind::Server).with_attributes([
        KeyValue::new("http.request.method", method),
        KeyValue::new("url.path", path),
    ])
}

fn end(span: &mut impl Span, method: &'static str, route: &FoundRoute, status: StatusCode) {
    if let Some(template) = route.template() {
        span.update_name(format!("{} {template}", name(method)));
        span.set_attribute(KeyValue::new("http.route", template.clone()));
    }
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
        span.set_status(Status::error(""));
    }
    span.end();
}

/// The conventions say `HTTP` in the name of a span for a method that is not known.
fn name(method: &'static str) -> &'static str {
    if method == OTHER { "HTTP" } else { method }
}

impl From<&SpanContext> for TraceContext {
    fn from(context: &SpanContext) -> Self {
        Self {
            trace: u128::from_be_bytes(context.trace_id().to_bytes()),
            span: u64::from_be_bytes(context.span_id().to_bytes()),
            is_sampled: context.is_sampled(),
        }
    }
}

impl From<TraceContext> for SpanContext {
    fn from(remote: TraceContext) -> Self {
        let flags = TraceFlags::default().with_sampled(remote.is_sampled);
        let (trace, span) = (TraceId::from(remote.trace), SpanId::from(remote.span));
        Self::new(trace, span, flags, true, TraceState::NONE)
    }
}
