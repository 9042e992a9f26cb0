use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;

use crate::Reason;

/// Why a call has failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused the request.
    #[error("{0}")]
    Api(Box<ApiError>),
    /// The session has ended: the server refused its refresh token. Log in again.
    #[error("the session has ended ({0}); log in again")]
    SessionEnded(Reason),
    /// The server could not be reached, or the connection broke.
    #[error("the server cannot be reached: {}", causes(.0.as_ref()))]
    Connection(Arc<reqwest::Error>),
    /// The response is not one of Bookshelf. A proxy may have sent it.
    #[error("the response of {status} cannot be understood: {why}")]
    Response {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the response.
        why: String,
    },
    /// The client cannot be used as it was set up.
    #[error("{0}")]
    Setup(String),
}

/// The error of a response.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Why the request was refused, for programs.
    pub reason: Reason,
    /// Why the request was refused, for people.
    pub message: String,
    /// Everything that is wrong, as sentences by field.
    pub details: BTreeMap<String, Vec<String>>,
    /// The address of the resource that is in the way.
    pub resource: Option<String>,
    /// The report of an import that ended early, with the members of a complete one.
    pub report: Option<Value>,
    /// The id of the request in the log of the server.
    pub request_id: String,
    /// After which time the request can be sent again.
    pub retry_after: Option<Duration>,
}

#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    reason: Reason,
    message: String,
    #[serde(default)]
    details: BTreeMap<String, Vec<String>>,
    resource: Option<String>,
    report: Option<Value>,
    request_id: String,
}

impl Error {
    /// Why the server refused the request, if it did.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Api(error) => Some(&error.reason),
            Self::SessionEnded(reason) => Some(reason),
            _ => None,
        }
    }

    /// The error of the response, if there is one.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Reads the error of a response.
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let status = status.as_u16();
        match serde_json::from_slice(body) {
            Ok(Envelope { error }) => Self::Api(Box::new(ApiError {
                status,
                reason: error.reason,
                message: error.message,
                details: error.details,
                resource: error.resource,
                report: error.report,
                request_id: error.request_id,
                retry_after: retry_after(headers),
            })),
            Err(error) => Self::Response { status, why: error.to_string() },
        }
    }
}

/// The header `Retry-After`, if it is a number of seconds. Bookshelf sends no dates in it.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(Arc::new(error.without_url()))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.reason, self.message)?;
        for (field, sentences) in &self.details {
            write!(f, "; {field} {}", sentences.join(", "))?;
        }
        Ok(())
    }
}

/// An error with its causes, which the text of a `reqwest::Error` leaves out.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_everything_that_the_response_has() {
        let body = r#"{"success": false, "error": {"code": 422, "reason": "validation_failed",
            "message": "Validation failed", "details": {"title": ["is required"]},
            "request_id": "x"}}"#;
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "7".parse().unwrap());
        let error = Error::of(StatusCode::UNPROCESSABLE_ENTITY, &headers, body.as_bytes());
        assert_eq!(error.reason(), Some(&Reason::ValidationFailed));
        assert_eq!(error.api().unwrap().retry_after, Some(Duration::from_secs(7)));
        assert_eq!(
            error.to_string(),
            "422 validation_failed: Validation failed; title is required"
        );
        let foreign = Error::of(StatusCode::BAD_GATEWAY, &headers, b"<html>");
        assert!(matches!(foreign, Error::Response { status: 502, .. }));
    }
}
