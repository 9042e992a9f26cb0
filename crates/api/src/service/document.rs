use actix_web::web::Bytes;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::shared;
use crate::http::{ErrorEnvelope, Problem};

/// The documentation of the API.
pub(crate) struct Document {
    pub(crate) openapi: OpenApi,
    pub(super) json: Bytes,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Bookshelf",
        description = "A shared catalogue of books, and accounts for those who write it.\n\n\
            The same routes answer under `/api`, where the header `API-Version` picks the version \
            (absent means 1). `HEAD` answers wherever `GET` does, and a trailing slash changes \
            nothing. Every error has the same shape; a client that prefers \
            `application/problem+json` gets it as RFC 9457 has it. Only what is no HTTP request at all (a \
            line or a header that cannot be read, a head that is too large: 400 or 431; one that does \
            not come to its end: 408) has an empty answer, after which the connection is closed.",
        license(name = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "books", description = "The shared catalogue"),
        (name = "shelf", description = "What each user keeps about books, seen by nobody else"),
        (name = "accounts", description = "Users, their sessions and tokens"),
        (name = "API keys", description = "How services act for a user"),
        (name = "users", description = "The accounts of others, for admins"),
        (name = "service", description = "Health and documentation")
    ),
    components(schemas(ErrorEnvelope, Problem))
)]
struct Frame;

impl Document {
    /// Describes the routes that this registers.
    pub(crate) fn of(routes: fn(&mut ServiceConfig<'_>)) -> Self {
        let app = actix_web::App::new().into_utoipa_app().openapi(Frame::openapi());
        let (_, mut openapi) = app.configure(routes).split_for_parts();
        if let Some(components) = &mut openapi.components {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
            let bearer =
                bearer.description(Some("The `access_token` of a login or a refresh")).build();
            components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
            let key = ApiKeyValue::with_description("X-API-Key", "A key made by `POST /api-keys`");
            components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(key)));
        }
        shared::complete(&mut openapi);
        let json = openapi.to_json().unwrap_or_else(|error| {
            tracing::error!(%error, "the OpenAPI document could not be written");
            String::new()
        });
        Self { json: Bytes::from(json), openapi }
    }
}
