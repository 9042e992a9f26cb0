//! Bodies of requests: JSON (RFC 8259) or bytes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::{Buf, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use bookshelf_application::Principal;
use bookshelf_domain::IdempotencyKey;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::{ApiError, Context, MediaType, Read, Reason, Settings, idempotency};

/// A byte order mark in UTF-8. Some programs write it, and a reader may skip it (RFC 8259, section
/// 8.1).
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A body that has not been read yet. The handler reads it after the credentials were checked, so
/// that a client that is refused need not send it.
pub(crate) struct Body {
    pub(super) request: HttpRequest,
    pub(super) payload: Payload,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}

impl Body {
    /// Reads the body as a JSON object.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<Read<T>, ApiError> {
        self.read_change(&[]).await
    }

    /// Reads the body as [`Body::read`] does, but ignores the members of the resource that cannot be
    /// changed. So a client can send back what it was shown.
    pub(crate) async fn read_change<T: DeserializeOwned>(
        self,
        read_only: &[&str],
    ) -> Result<Read<T>, ApiError> {
        let deepest = self.settings()?.json_depth;
        Read::body(&self.collect_json().await?, deepest, read_only)
    }

    /// Reads the body as [`Body::read`] does, and the idempotency key of the request.
    pub(crate) async fn read_once<T: DeserializeOwned>(
        self,
        principal: Principal,
    ) -> Result<(Read<T>, Option<IdempotencyKey>), ApiError> {
        let (request, deepest) = (self.request.clone(), self.settings()?.json_depth);
        let bytes = self.collect_json().await?;
        let key = idempotency::key_of(request.headers(), request.path(), principal, &bytes)?;
        Ok((Read::body(&bytes, deepest, &[])?, key))
    }

    /// Reads the bytes of a body of any media type that is not larger than `largest`.
    pub(crate) async fn read_bytes(self, largest: usize) -> Result<Vec<u8>, ApiError> {
        let type_error = MediaType::declared(self.request.headers()).err();
        Ok(self.collect(type_error, largest).await?.into())
    }

    async fn collect_json(self) -> Result<BytesMut, ApiError> {
        let type_error = self.check_json().err();
        let largest = self.settings()?.json_bytes;
        let mut bytes = self.collect(type_error, largest).await?;
        if bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.advance(BYTE_ORDER_MARK.len());
        }
        if bytes.is_empty() { Err(Reason::MissingBody.into()) } else { Ok(bytes) }
    }

    /// Reads the whole body within the time limit. `type_error` is the error of its media type,
    /// which does not matter if the body is empty.
    async fn collect(
        self,
        type_error: Option<ApiError>,
        largest: usize,
    ) -> Result<BytesMut, ApiError> {
        let limit = self.settings()?.body_timeout;
        timeout(limit, self.gather(type_error, largest)).await.unwrap_or_else(|_| {
            Err(ApiError::new(Reason::BadRequest).message("The body took too long to arrive"))
        })
    }

    pub(super) fn settings(&self) -> Result<&Settings, ApiError> {
        Ok(&Context::of(&self.request)?.settings)
    }

    async fn gather(
        mut self,
        mut type_error: Option<ApiError>,
        largest: usize,
    ) -> Result<BytesMut, ApiError> {
        let announced = self.announced_length();
        if announced > largest {
            return Err(too_large(largest));
        }
        let mut bytes = BytesMut::with_capacity(announced);
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|_| {
                ApiError::new(Reason::BadRequest).message(
                    "The body ended early, or its chunks are malformed; send the request again",
                )
            })?;
            if !chunk.is_empty()
                && let Some(type_error) = type_error.take()
            {
                return Err(type_error);
            }
            if bytes.len() + chunk.len() > largest {
                return Err(too_large(largest));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn announced_length(&self) -> usize {
        let length = self.request.headers().get(CONTENT_LENGTH);
        length.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0)
    }

    fn check_json(&self) -> Result<(), ApiError> {
        let known: &[&str] = match *self.request.method() {
            Method::PATCH => &["application/merge-patch+json", "application/json"],
            _ => &["application/json"],
        };
        let declared = MediaType::declared(self.request.headers())?;
        declared.one_of(known)?;
        declared.check_charset()
    }
}

fn too_large(largest: usize) -> ApiError {
    ApiError::new(Reason::PayloadTooLarge)
        .message(format!("The body must be at most {} KiB large", largest / 1024))
}
