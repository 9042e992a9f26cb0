//! Bodies: JSON (RFC 8259), and others as they are.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::{self, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use bookshelf_application::Principal;
use bookshelf_domain::{Fault, FaultCode, IdempotencyKey};
use futures_util::StreamExt;
use serde_json::Value;

use super::{ApiError, Fields, FromFields, MediaType, Reason, idempotency, unsupported};
use crate::App;

/// A body that was not read yet. It is read by the handler, so that nobody sends one in vain before
/// it is known who is calling.
pub(crate) struct Body {
    request: HttpRequest,
    payload: Payload,
}

/// What a body is held to.
#[derive(Clone, Copy)]
struct Bounds {
    timeout: Duration,
    bytes: usize,
    depth: usize,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: payload.take() }))
    }
}

impl Body {
    /// Reads the body as a draft that knows everything that is wrong with it.
    pub(crate) async fn read<T: FromFields>(self) -> Result<T, ApiError> {
        let merge_patch = self.request.method() == Method::PATCH;
        let settings = self.settings()?;
        read_object(&self.collect_json(merge_patch, settings).await?, settings)
    }

    /// Reads the body as it is, if it is declared as one of these media types and not larger than
    /// this.
    pub(crate) async fn read_bytes(
        self,
        media_types: &[&str],
        largest: usize,
    ) -> Result<Vec<u8>, ApiError> {
        let wrong = self.check_one_of(media_types).err();
        let settings = Bounds { bytes: largest, ..self.settings()? };
        Ok(self.collect(wrong, settings).await?.into())
    }

    /// Reads the body as a draft, and the idempotency key of the request.
    pub(crate) async fn read_once<T: FromFields>(
        self,
        principal: Principal,
    ) -> Result<(T, Option<IdempotencyKey>), ApiError> {
        let (request, settings) = (self.request.clone(), self.settings()?);
        let bytes = self.collect_json(false, settings).await?;
        let key = idempotency::key_of(request.headers(), request.path(), principal, &bytes)?;
        Ok((read_object(&bytes, settings)?, key))
    }

    async fn collect_json(self, merge_patch: bool, settings: Bounds) -> Result<BytesMut, ApiError> {
        let wrong = self.check_json(merge_patch).err();
        let bytes = self.collect(wrong, settings).await?;
        if bytes.is_empty() { Err(Reason::MissingBody.into()) } else { Ok(bytes) }
    }

    /// Reads the whole body, unless it trickles in. An empty one may have any media type.
    async fn collect(
        self,
        wrong: Option<ApiError>,
        settings: Bounds,
    ) -> Result<BytesMut, ApiError> {
        timeout(settings.timeout, self.gather(wrong, settings.bytes)).await.unwrap_or_else(|_| {
            Err(ApiError::new(Reason::BadRequest).message("The body took too long to arrive"))
        })
    }

    fn settings(&self) -> Result<Bounds, ApiError> {
        let app = self.request.app_data::<web::Data<App>>();
        let settings = &app.ok_or(ApiError::new(Reason::InternalError))?.settings;
        Ok(Bounds {
            timeout: settings.body_timeout,
            bytes: settings.json_bytes,
            depth: settings.json_depth,
        })
    }

    async fn gather(
        mut self,
        mut wrong: Option<ApiError>,
        largest: usize,
    ) -> Result<BytesMut, ApiError> {
        let announced = self.announced_length();
        if announced > largest {
            return Err(too_large(largest));
        }
        let mut bytes = BytesMut::with_capacity(announced);
        while let Some(chunk) = self.payload.next().await {
            let chunk = chunk.map_err(|error| {
                ApiError::new(Reason::BadRequest)
                    .message(format!("The body could not be read: {error}"))
            })?;
            if !chunk.is_empty()
                && let Some(wrong) = wrong.take()
            {
                return Err(wrong);
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

    fn check_one_of(&self, media_types: &[&str]) -> Result<(), ApiError> {
        let declared = MediaType::declared(self.request.headers())?;
        match media_types.iter().any(|known| declared.is(known)) {
            true => Ok(()),
            false => Err(unsupported(format!("The body must be {}", media_types.join(" or ")))),
        }
    }

    fn check_json(&self, merge_patch: bool) -> Result<(), ApiError> {
        let declared = MediaType::declared(self.request.headers())?;
        let is_json = declared.is("application/json")
            || (merge_patch && declared.is("application/merge-patch+json"));
        if !is_json {
            return Err(unsupported(if merge_patch {
                "The body must be application/merge-patch+json or application/json"
            } else {
                "The body must be application/json"
            }));
        }
        declared.check_charset()
    }
}

fn read_object<T: FromFields>(bytes: &[u8], bounds: Bounds) -> Result<T, ApiError> {
    match parse(bytes, bounds.depth)? {
        Value::Object(members) => Ok(T::from_fields(&mut Fields::new(members))),
        other => Err(Fault::new(
            FaultCode::WrongType,
            format!("must be a JSON object, not {}", kind(&other)),
        )
        .of("body")
        .into()),
    }
}

fn too_large(largest: usize) -> ApiError {
    ApiError::new(Reason::PayloadTooLarge)
        .message(format!("The body must be at most {} KiB large", largest / 1024))
}

fn parse(bytes: &[u8], deepest: usize) -> Result<Value, ApiError> {
    let malformed = |message: String| ApiError::new(Reason::MalformedJson).message(message);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed(format!("The body is not UTF-8 at byte {}", error.valid_up_to() + 1))
    })?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| malformed(format!("The body is not JSON: {error}")))?;
    if is_deeper_than(&value, deepest) {
        return Err(malformed(format!("The body is nested more than {deepest} levels deep")));
    }
    Ok(value)
}

/// The parser has bounded the recursion already, if more generously.
fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let too_deep = |inner: &Value| levels == 0 || is_deeper_than(inner, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(too_deep),
        Value::Object(members) => levels == 0 || members.values().any(too_deep),
        _ => false,
    }
}

pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
