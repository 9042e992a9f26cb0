//! Requests that may be sent again (`Idempotency-Key`).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LOCATION};
use bookshelf_application::{Actor, Owner, Retriable, Retry, Via};
use bookshelf_domain::Made;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::{ApiError, Reason};

pub(super) static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;

/// The header, for the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read with the body, whose bytes belong to it")]
pub(crate) struct IdempotencyKey {
    /// 1 to 255 visible ASCII characters, chosen anew for everything that is to be made once. The
    /// same key with the same body within 24 hours gets the first answer again, marked
    /// `Idempotency-Replayed: true`; with another body it is 422.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$",
        example = "5f0c5a7e-5a3e-4d8a-9d3b-0f6f3f1f7c11"
    )]
    idempotency_key: Option<String>,
}

/// Who sends a request, and may send it again.
pub(crate) fn principal(actor: Option<&Actor>) -> String {
    match actor.map(|actor| (actor.via, actor.user.id)) {
        Some((Via::Session(_), id)) => format!("user:{id}"),
        Some((Via::ApiKey(id), _)) => format!("api_key:{id}"),
        None => "anybody".to_owned(),
    }
}

/// The same for somebody in a session.
pub(crate) fn owner_principal(owner: &Owner) -> String {
    format!("user:{}", owner.user.id)
}

/// The wish of a request to be carried out only once, if it has one.
pub(super) fn retry(
    headers: &HeaderMap,
    path: &str,
    principal: String,
    body: &[u8],
) -> Result<Option<Retry>, ApiError> {
    let Some(key) = headers.get(&IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default();
    if !(1..=LONGEST).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ApiError::new(Reason::BadRequest)
            .message("The header Idempotency-Key must have 1 to 255 visible ASCII characters"));
    }
    let fingerprint = Sha256::new_with_prefix(path).chain_update([0]).chain_update(body).finalize();
    Ok(Some(Retry { principal, key: key.to_owned(), fingerprint: fingerprint.into() }))
}

/// The wish together with the answer that is remembered for it.
pub(crate) fn retriable<T: 'static>(
    retry: Option<Retry>,
    answer: fn(&T) -> HttpResponse,
) -> Option<Retriable<T>> {
    retry.map(|retry| Retriable {
        retry,
        answer: Arc::new(move |made| Remembered::from(answer(made)).to_bytes()),
    })
}

/// The answer for what was made, now or before.
pub(crate) fn answer_made<T>(
    made: Made<T>,
    answer: fn(&T) -> HttpResponse,
) -> Result<HttpResponse, ApiError> {
    match made {
        Made::Now(made) => Ok(answer(&made)),
        Made::Before(bytes) => {
            let remembered: Remembered = serde_json::from_slice(&bytes)
                .map_err(|error| ApiError::new(Reason::InternalError).cause(error))?;
            Ok(remembered.replay())
        }
    }
}

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Remembered {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl From<HttpResponse> for Remembered {
    fn from(response: HttpResponse) -> Self {
        let status = response.status().as_u16();
        let kept = [CONTENT_TYPE, LOCATION, ETAG].into_iter().filter_map(|name| {
            let value = response.headers().get(&name)?.to_str().ok()?;
            Some((name.to_string(), value.to_owned()))
        });
        let headers = kept.collect();
        let body = response.into_body().try_into_bytes().unwrap_or_default();
        Self { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

impl Remembered {
    fn to_bytes(&self) -> Vec<u8> {
        // Numbers and text alone: it cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn replay(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::CREATED);
        let mut response = HttpResponse::build(status);
        for header in self.headers {
            response.insert_header(header);
        }
        response.insert_header((IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("true")));
        response.body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<Option<Retry>, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY.clone(), HeaderValue::from_str(text).unwrap());
        retry(&headers, "/p", "user:1".into(), b"{}")
    }

    #[test]
    fn a_key_has_1_to_255_visible_characters() {
        assert!(retry(&HeaderMap::new(), "/p", "user:1".into(), b"{}").unwrap().is_none());
        assert_eq!(key("k-1").unwrap().unwrap().key, "k-1");
        assert!(key(&"k".repeat(255)).is_ok());
        for bad in ["", "a b", &"k".repeat(256)] {
            assert!(key(bad).is_err_and(|error| error.is(Reason::BadRequest)), "{bad:?}");
        }
    }

    #[test]
    fn a_fingerprint_tells_bodies_and_addresses_apart() {
        let of = |path: &str, body: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(IDEMPOTENCY_KEY.clone(), HeaderValue::from_static("k"));
            retry(&headers, path, "user:1".into(), body).unwrap().unwrap().fingerprint
        };
        assert_eq!(of("/a", b"{}"), of("/a", b"{}"));
        assert_ne!(of("/a", b"{}"), of("/a", b"{ }"));
        assert_ne!(of("/a", b"{}"), of("/b", b"{}"));
    }

    #[test]
    fn a_remembered_answer_comes_back_with_its_mark() {
        let first = || {
            HttpResponse::Created()
                .insert_header((LOCATION, "/api/v1/books/1"))
                .insert_header((CONTENT_TYPE, "application/json"))
                .body("{\"title\":\"\u{c9}\"}")
        };
        let bytes = Remembered::from(first()).to_bytes();
        let again = answer_made::<()>(Made::Before(bytes), |()| unreachable!()).unwrap();
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(again.headers().get(LOCATION), first().headers().get(LOCATION));
        assert_eq!(again.headers().get(&IDEMPOTENCY_REPLAYED).unwrap(), "true");
        assert_eq!(again.into_body().try_into_bytes().unwrap(), "{\"title\":\"\u{c9}\"}");
    }
}
