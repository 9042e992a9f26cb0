//! What a body says it is.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use super::{ApiError, Reason};

/// The media type of a body that is not compressed (RFC 9110, section 8.3).
#[derive(Debug, Clone, Copy)]
pub(crate) struct MediaType<'a> {
    name: &'a str,
    charset: Option<&'a str>,
}

impl<'a> MediaType<'a> {
    /// What the headers declare; compressed bodies could be inflated without a bound, and are
    /// refused.
    pub(crate) fn declared(headers: &'a HeaderMap) -> Result<Self, ApiError> {
        if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(unsupported("The body must not be compressed"));
        }
        let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let mut parts = declared.unwrap_or_default().split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let charset = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"))
            .map(|(_, value)| value.trim_matches('"'));
        Ok(Self { name, charset })
    }

    pub(crate) fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The encoding of the text, which is UTF-8 where nothing is said.
    pub(crate) fn check_charset(self) -> Result<(), ApiError> {
        match self.charset {
            Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
                Err(unsupported("The body must be UTF-8"))
            }
            _ => Ok(()),
        }
    }
}

pub(crate) fn unsupported(why: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(Reason::UnsupportedMediaType).message(why)
}
