//! The trace that a request belongs to (W3C Trace Context).

use std::fmt::{self, Write as _};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use uuid::Uuid;

static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) static TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// A trace, and a span in it: that of a client, or that of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceContext {
    pub(super) trace: u128,
    pub(super) span: u64,
    /// Whether the trace is to be recorded.
    pub(super) is_sampled: bool,
}

/// The digits of the fields, with the hyphens between them: version, trace, parent, flags.
const LENGTH: usize = 55;

impl TraceContext {
    /// The span of this server: the one that is recorded, or else a new one in the trace of the client.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let recorded = request.extensions().get().copied();
        recorded.or_else(|| Self::parent(request.headers()).map(Self::child))
    }

    /// The span of the client, which the header `traceparent` names. A header that is not valid, or
    /// occurs more than once, is ignored, as the standard demands.
    pub(super) fn parent(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(&TRACEPARENT);
        let (header, None) = (given.next()?, given.next()) else { return None };
        parse(header.to_str().ok()?)
    }

    /// A new span in the same trace.
    fn child(self) -> Self {
        // The last half of a UUID of version 7 is random.
        let (_, span) = Uuid::now_v7().as_u64_pair();
        Self { span, ..self }
    }

    /// The header of the response. It names the trace and the span of this server.
    pub(super) fn header(self) -> Option<HeaderValue> {
        let mut text = String::with_capacity(LENGTH);
        let flags = u8::from(self.is_sampled);
        // Writing to a String cannot fail.
        let _ = write!(text, "00-{}-{:016x}-{flags:02x}", TraceId(self.trace), self.span);
        HeaderValue::try_from(text).ok()
    }

    pub(super) fn trace_id(self) -> TraceId {
        TraceId(self.trace)
    }
}

/// The id of a trace, as 32 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

fn parse(text: &str) -> Option<TraceContext> {
    // A later version may have more fields after these four.
    let (fields, rest) = text.split_at_checked(LENGTH)?;
    let mut fields = fields.split('-');
    let mut field = |digits: usize| fields.next().filter(|field| field.len() == digits);
    let (version, trace, parent, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let version = hex(version)?;
    let has_more = !rest.is_empty();
    if version == 0xff || has_more && (version == 0 || !rest.starts_with('-')) {
        return None;
    }
    let (trace, span) = (hex(trace)?, u64::try_from(hex(parent)?).ok()?);
    let is_sampled = hex(flags)? & 1 == 1;
    (trace != 0 && span != 0).then_some(TraceContext { trace, span, is_sampled })
}

/// Reads lower-case hexadecimal digits; the standard allows no others.
fn hex(digits: &str) -> Option<u128> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    digits.bytes().all(is_digit).then(|| u128::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn of(values: &[&str]) -> Option<TraceContext> {
        let request = TestRequest::default();
        let request = values
            .iter()
            .fold(request, |request, value| request.append_header((TRACEPARENT.clone(), *value)));
        TraceContext::of(&request.to_http_request())
    }

    #[test]
    fn the_response_keeps_the_trace_and_names_a_span_of_its_own() {
        let trace = of(&[VALID]).unwrap();
        assert_eq!(trace.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let header = trace.header().unwrap();
        let header = header.to_str().unwrap();
        assert!(header.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{header}");
        assert!(header.ends_with("-01") && header.len() == VALID.len(), "{header}");
        assert!(!header.contains("00f067aa0ba902b7"), "{header}");
        assert_ne!(of(&[VALID]).unwrap().span, of(&[VALID]).unwrap().span);
        let TraceContext { trace, is_sampled, .. } = parse(VALID).unwrap();
        assert_eq!(
            parse(header),
            Some(TraceContext { trace, is_sampled, ..parse(header).unwrap() })
        );
    }

    #[test]
    fn a_recorded_span_is_that_of_this_server() {
        let request = TestRequest::default().insert_header((TRACEPARENT.clone(), VALID));
        let request = request.to_http_request();
        let recorded = TraceContext { trace: 1, span: 2, is_sampled: false };
        request.extensions_mut().insert(recorded);
        assert_eq!(TraceContext::of(&request), Some(recorded));
    }

    #[test]
    fn a_later_version_may_have_more_fields() {
        let more = format!("cc-{}-what", &VALID[3..]);
        assert_eq!(parse(&more), parse(VALID));
        assert_eq!(parse(&VALID.replace("-01", "-fe")).map(|trace| trace.is_sampled), Some(false));
    }

    #[test]
    fn what_is_not_valid_is_ignored() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473600-f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "+0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(of(&[wrong]), None, "{wrong}");
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[VALID, VALID]), None, "two headers");
    }
}
