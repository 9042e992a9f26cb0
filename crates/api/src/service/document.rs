use std::sync::OnceLock;

use actix_web::web::Bytes;
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{openapi_30, shared};
use crate::http::{ErrorEnvelope, Problem};

/// The documentation of the API, as it is sent.
pub(crate) struct Document {
    pub(super) json: Bytes,
    /// Made at the first request for it, because that takes several milliseconds.
    json_30: OnceLock<Bytes>,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Bookshelf",
        description = "A shared catalogue of books, and an account and a shelf for each user.\n\n\
            The same routes exist under `/api`, where the header `API-Version` selects the version \
            (1 if it is absent). `HEAD` works wherever `GET` does, and a trailing slash is ignored. \
            Query parameters that an operation does not know are refused with 422. `If-None-Match` with `PUT`, \
            `PATCH` and `DELETE` is a condition, as `If-Match` is: the response is 412 and nothing \
            is written if the header is `*` and the resource exists, or if it lists the tag of the \
            present state. A request with both headers is refused with 400, and so is one that has \
            `Authorization`, `X-API-Key`, `Idempotency-Key`, `API-Version`, `Content-Type` or \
            `Content-Encoding` more than once. All errors have the same format; a client that prefers `application/problem+json` gets \
            them in the format of RFC 9457. Only a request that is not valid HTTP gets an empty \
            response, and its connection is closed: 400 or 431 if its head cannot be read or is too \
            large, 408 if its head does not arrive in time.",
        license(name = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "books", description = "The shared catalogue"),
        (name = "shelf", description = "Each user's own list of books, which nobody else sees"),
        (name = "accounts", description = "Users, their sessions and tokens"),
        (name = "API keys", description = "Credentials of services that act for a user"),
        (name = "users", description = "All accounts, and invitations, for admins"),
        (name = "service", description = "Health and documentation")
    ),
    components(schemas(ErrorEnvelope, Problem))
)]
/// The document without its operations.
struct Base;

impl Document {
    pub(crate) fn of(openapi: &OpenApi) -> Self {
        let json = openapi.to_json().unwrap_or_else(|error| {
            tracing::error!(%error, "the OpenAPI document could not be written");
            String::new()
        });
        Self { json: Bytes::from(json), json_30: OnceLock::new() }
    }

    /// The document as OpenAPI 3.0.
    pub(crate) fn as_30(&self) -> Value {
        // A document that could not be written is empty, and was logged.
        let mut document = serde_json::from_slice(&self.json).unwrap_or_default();
        openapi_30::convert(&mut document);
        document
    }

    pub(super) fn json_30(&self) -> Bytes {
        self.json_30.get_or_init(|| Bytes::from(self.as_30().to_string())).clone()
    }
}

/// Describes the routes that this function registers.
pub(crate) fn describe(routes: fn(&mut ServiceConfig<'_>)) -> OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(Base::openapi());
    let (_, mut openapi) = app.configure(routes).split_for_parts();
    if let Some(components) = &mut openapi.components {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        let bearer = bearer.description(Some("The `access_token` of a login or a refresh")).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let key = ApiKeyValue::with_description("X-API-Key", "A key that `POST /api-keys` created");
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
    }
    shared::complete(&mut openapi);
    openapi
}
