//! Requests that can safely be sent again (`Idempotency-Key`).

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use bookshelf_application::{Principal, idempotency_key};
use bookshelf_domain::{IdempotencyKey, Made};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::{ApiError, Reason};

pub(super) static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;

/// The header, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "`key_of` reads the header, because it needs the body too")]
pub(crate) struct IdempotencyHeader {
    /// 1 to 255 visible ASCII characters; a new key for each resource to create. A request with the
    /// same key and the same body within 24 hours gets the first response again, marked with
    /// `Idempotency-Replayed: true`. The same key with another body is refused with 422.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "5f0c5a7e-5a3e-4d8a-9d3b-0f6f3f1f7c11"
    )]
    idempotency_key: Option<String>,
}

/// The idempotency key of a request, if it has one.
pub(super) fn key_of(
    headers: &HeaderMap,
    path: &str,
    principal: Principal,
    body: &[u8],
) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(key) = headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default();
    if !(1..=LONGEST).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::new(Reason::BadRequest)
            .message("The header Idempotency-Key must have 1 to 255 visible ASCII characters"));
    }
    let fingerprint = Sha256::new_with_prefix(path).chain_update([0]).chain_update(body).finalize();
    Ok(Some(idempotency_key(principal, key, fingerprint.into())))
}

/// The response for a resource that this request created, or an earlier one with the same key.
pub(crate) fn created_once<T>(made: Made<T>, response: fn(&T) -> HttpResponse) -> HttpResponse {
    match made {
        Made::Now(made) => response(&made),
        Made::Before(made) => {
            let mut response = response(&made);
            let replayed = HeaderValue::from_static("true");
            response.headers_mut().insert(IDEMPOTENCY_REPLAYED.clone(), replayed);
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;

    use super::*;

    fn key(text: &str) -> Result<Option<IdempotencyKey>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY.clone(), HeaderValue::from_str(text).unwrap());
        key_of(&headers, "/p", Principal::Address(None), b"{}")
    }

    #[test]
    fn a_key_has_1_to_255_visible_characters() {
        let none = key_of(&HeaderMap::new(), "/p", Principal::Address(None), b"{}");
        assert!(none.unwrap().is_none());
        assert!(key("k-1").unwrap().is_some());
        assert!(key(&"k".repeat(255)).is_ok());
        for bad in ["", "a b", &"k".repeat(256)] {
            assert!(key(bad).is_err_and(|error| error.is(Reason::BadRequest)), "{bad:?}");
        }
    }

    #[test]
    fn a_fingerprint_depends_on_address_and_body() {
        let of = |path: &str, body: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(IDEMPOTENCY_KEY.clone(), HeaderValue::from_static("k"));
            key_of(&headers, path, Principal::Address(None), body).unwrap().unwrap().fingerprint
        };
        assert_eq!(of("/a", b"{}"), of("/a", b"{}"));
        assert_ne!(of("/a", b"{}"), of("/a", b"{ }"));
        assert_ne!(of("/a", b"{}"), of("/b", b"{}"));
    }

    #[test]
    fn a_replayed_response_is_marked() {
        let response = |_: &()| HttpResponse::Created().finish();
        let now = created_once(Made::Now(()), response);
        assert!(!now.headers().contains_key(&IDEMPOTENCY_REPLAYED));
        let again = created_once(Made::Before(()), response);
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(again.headers().get(&IDEMPOTENCY_REPLAYED).unwrap(), "true");
    }
}
