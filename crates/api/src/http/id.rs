use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use bookshelf_domain::Id;

use super::{ApiError, Reason};

/// The `{id}` of a path: the id of a `T`. The middleware [`routes::check`](super::routes::check) has
/// answered requests with anything else.
pub(crate) struct PathId<T>(pub(crate) Id<T>);

impl<T: 'static> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = read(request.match_info().query("id"));
        ready(id.map(|id| Self(Id::new(id))).ok_or_else(|| Reason::NotFound.into()))
    }
}

/// Reads a positive 64-bit integer.
pub(super) fn read(text: &str) -> Option<i64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| is_number && *id > 0)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_positive_integers_are_ids() {
        assert_eq!(read("42"), Some(42));
        assert_eq!(read("9223372036854775807"), Some(i64::MAX));
        for text in ["", "0", "-1", "+1", "1.0", "x", "9223372036854775808", "1 "] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
