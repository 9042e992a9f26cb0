//! The two formats of an error: the envelope, and RFC 9457 for clients that prefer it.

use actix_web::http::header::HeaderValue;
use bookshelf_domain::Faults;
use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::ApiError;

/// An error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorEnvelope<'a> {
    #[schema(example = false)]
    success: bool,
    error: ErrorBody<'a>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody<'a> {
    /// The HTTP status.
    #[schema(example = 422)]
    code: u16,
    /// A stable name of the error, for programs.
    #[schema(example = "validation_failed")]
    reason: &'static str,
    /// A sentence about the error, for people.
    #[schema(example = "Validation failed")]
    message: &'a str,
    /// More about the error, if there is more to say: lists of sentences by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<String>>>, nullable = false)]
    details: Option<Sentences<'a>>,
    /// The address of the existing resource that conflicts with the request. Only admins are told the
    /// address of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/api/v1/books/7")]
    resource: Option<&'a str>,
    /// The report of an import that ended early: what became of the rows before, with the members of
    /// the report of a complete import.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false, example = json!({"created": 500, "updated": 0, "skipped": 12, "failed": 1, "errors": [{"line": 7, "details": {"title": ["is required"]}}]}))]
    report: Option<&'a Value>,
    #[schema(example = "01936f2e-7c5b-7d3e-9f00-3f2b8a6c1d42")]
    request_id: &'a str,
}

/// An error as a problem (RFC 9457), for clients whose `Accept` prefers `application/problem+json`.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Problem<'a> {
    /// A URN that contains the reason.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "urn:bookshelf:problem:validation_failed")]
    kind: String,
    title: &'static str,
    /// The HTTP status.
    status: u16,
    detail: &'a str,
    /// The path of the request.
    instance: &'a str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<String>>>, nullable = false)]
    errors: Option<Sentences<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    resource: Option<&'a str>,
    /// The report of an import that ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    report: Option<&'a Value>,
    request_id: &'a str,
}

/// Faults as lists of sentences by field.
#[derive(Clone, Copy)]
pub(crate) struct Sentences<'a>(pub(crate) &'a Faults);

impl Serialize for Sentences<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let faults = self.0.by_field();
        serializer.collect_map(faults.keys().map(|field| (field, self.0.sentences(field))))
    }
}

/// The parts of an error body that come from the request.
pub(super) struct About<'a> {
    pub(super) request_id: &'a str,
    pub(super) path: &'a str,
    pub(super) as_problem: bool,
}

pub(super) fn render(error: &ApiError, about: &About<'_>) -> (HeaderValue, Vec<u8>) {
    let details = (!error.details.is_empty()).then_some(Sentences(&error.details));
    let (resource, report) = (error.resource.as_deref(), error.report.as_deref());
    let (code, request_id) = (error.status().as_u16(), about.request_id);
    if about.as_problem {
        let problem = Problem {
            kind: format!("urn:bookshelf:problem:{}", error.reason.name()),
            title: error.reason.message(),
            status: code,
            detail: &error.message,
            instance: about.path,
            reason: error.reason.name(),
            errors: details,
            resource,
            report,
            request_id,
        };
        (HeaderValue::from_static("application/problem+json"), json(&problem))
    } else {
        let reason = error.reason.name();
        let message = &error.message;
        let body = ErrorBody { code, reason, message, details, resource, report, request_id };
        let envelope = ErrorEnvelope { success: false, error: body };
        (HeaderValue::from_static("application/json"), json(&envelope))
    }
}

/// Writes JSON. This never fails, because the values are structs of texts and numbers, whose keys
/// are texts.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    if let Err(error) = serde_json::to_writer(&mut bytes, value) {
        tracing::error!(%error, "a response could not be written as JSON");
    }
    bytes
}
