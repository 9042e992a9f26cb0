use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::{Config, serve};

use super::document::Document;
use crate::http::{Anyone, ApiError, PUBLIC, Reason};
use crate::paths;

static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/apidocs/openapi.json");
    Arc::new(config.persist_authorization(true).display_request_duration(true))
});

/// Shows the documentation of the API
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "Swagger UI", body = String, content_type = "text/html"))
)]
#[get("/apidocs/")]
pub(super) async fn apidocs_index(_: Anyone) -> Result<HttpResponse, ApiError> {
    file("index.html")
}

/// Redirects to the documentation
#[utoipa::path(
    tag = "service",
    responses((status = 308, description = "The documentation is at `/apidocs/`", headers(("Location" = String))))
)]
#[get("/apidocs")]
pub(super) async fn apidocs(_: Anyone) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, paths::DOCUMENTATION)).finish()
}

/// Sends a file of the documentation
#[utoipa::path(
    tag = "service",
    params(("file" = String, Path, example = "swagger-ui.css")),
    responses((status = 200, description = "The file", body = String, content_type = "*/*"))
)]
#[get("/apidocs/{file}")]
pub(super) async fn apidocs_file(
    _: Anyone,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    file(&name)
}

/// Allows no more than Swagger UI needs, which has icons in `data:` URLs and inline styles.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    match serve(name, SWAGGER.clone()) {
        Ok(Some(file)) => Ok(HttpResponse::Ok()
            .content_type(file.content_type)
            .insert_header((CACHE_CONTROL, PUBLIC))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .body(match file.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            })),
        Ok(None) => Err(Reason::NotFound.into()),
        Err(error) => Err(ApiError::new(Reason::InternalError).cause(error.to_string())),
    }
}

/// Sends this document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
#[get("/apidocs/openapi.json")]
pub(super) async fn apidocs_openapi(_: Anyone, document: Data<Document>) -> HttpResponse {
    openapi_json(document.json.clone())
}

/// Sends this document as OpenAPI 3.0
///
/// For generators of clients that do not read 3.1.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.0", body = Object))
)]
#[get("/apidocs/openapi-3.0.json")]
pub(super) async fn apidocs_openapi_30(_: Anyone, document: Data<Document>) -> HttpResponse {
    openapi_json(document.json_30())
}

/// Sends this document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
#[get("/openapi.json")]
pub(super) async fn versioned_openapi(_: Anyone, document: Data<Document>) -> HttpResponse {
    openapi_json(document.json.clone())
}

fn openapi_json(document: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, PUBLIC))
        .body(document)
}
