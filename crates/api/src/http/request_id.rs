use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

pub(super) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for the log and the response.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    const LONGEST: usize = 128;

    /// The client's `X-Request-Id` if it is 1 to 128 visible ASCII characters, or else a new UUID
    /// (version 7).
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(&X_REQUEST_ID) {
            Some(own) if is_valid(own.as_bytes()) => Self(own.clone()),
            _ => Self::new(),
        }
    }

    fn new() -> Self {
        let mut buffer = Uuid::encode_buffer();
        let text: &str = Uuid::now_v7().as_hyphenated().encode_lower(&mut buffer);
        // Hexadecimal digits and hyphens are always valid in a header.
        Self(HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("-")))
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn is_valid(id: &[u8]) -> bool {
    (1..=RequestId::LONGEST).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_ascii_is_accepted() {
        assert!(is_valid(b"trace-1") && is_valid(&[b'x'; 128]));
        assert!(!is_valid(b"") && !is_valid(b"a b") && !is_valid(&[b'x'; 129]));
        assert!(!is_valid("ü".as_bytes()));
    }

    #[test]
    fn generated_ids_differ() {
        let none = HeaderMap::new();
        let (one, other) = (RequestId::of(&none), RequestId::of(&none));
        assert_eq!(one.as_str().len(), 36);
        assert_ne!(one.as_str(), other.as_str());
    }
}
