//! The declared media type of a body.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use mime::Mime;

use super::{ApiError, Reason};

/// The media type of a body that is not compressed (RFC 9110, section 8.3).
#[derive(Debug)]
pub(crate) struct MediaType(Option<Mime>);

impl MediaType {
    /// Reads the headers. Compressed bodies are refused, because a small one can decompress to any
    /// size.
    pub(crate) fn declared(headers: &HeaderMap) -> Result<Self, ApiError> {
        if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(unsupported("The body must not be compressed"));
        }
        let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Self(declared.and_then(|declared| declared.parse().ok())))
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|declared| declared.essence_str() == name)
    }

    /// Which of these media types the body has.
    pub(crate) fn one_of<'a>(&self, known: &[&'a str]) -> Result<&'a str, ApiError> {
        let found = known.iter().copied().find(|known| self.is(known));
        found.ok_or_else(|| unsupported(format!("The body must be {}", known.join(" or "))))
    }

    /// Refuses a declared encoding other than UTF-8, which is the default.
    pub(crate) fn check_charset(&self) -> Result<(), ApiError> {
        match self.charset() {
            Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
                Err(unsupported("The body must be UTF-8"))
            }
            _ => Ok(()),
        }
    }

    /// The declared encoding.
    pub(crate) fn charset(&self) -> Option<&str> {
        Some(self.0.as_ref()?.get_param(mime::CHARSET)?.as_str())
    }
}

pub(crate) fn unsupported(why: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(Reason::UnsupportedMediaType).message(why)
}
