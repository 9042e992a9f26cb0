use std::sync::{Arc, LazyLock};

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::{Config, serve};

use super::document::Document;
use crate::http::{ApiError, PUBLIC, Reason};
use crate::paths;

static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/apidocs/openapi.json");
    Arc::new(config.persist_authorization(true).display_request_duration(true))
});

/// The documentation of the API, for people
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "Swagger UI", body = String, content_type = "text/html"))
)]
#[get("/apidocs/")]
pub(super) async fn apidocs_index() -> Result<HttpResponse, ApiError> {
    file("index.html")
}

/// The way to the documentation
#[utoipa::path(
    tag = "service",
    responses((status = 308, description = "It is at `/apidocs/`", headers(("Location" = String))))
)]
#[get("/apidocs")]
pub(super) async fn apidocs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, paths::DOCUMENTATION)).finish()
}

/// What the documentation consists of
#[utoipa::path(
    tag = "service",
    params(("file" = String, Path, example = "swagger-ui.css")),
    responses((status = 200, description = "The file", body = String, content_type = "*/*"))
)]
#[get("/apidocs/{file}")]
pub(super) async fn apidocs_file(name: web::Path<String>) -> Result<HttpResponse, ApiError> {
    file(&name)
}

/// What Swagger UI needs, and no more: it draws icons from `data:` and sets styles inline.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    match serve(name, SWAGGER.clone()) {
        Ok(Some(file)) => Ok(HttpResponse::Ok()
            .content_type(file.content_type)
            .insert_header((CACHE_CONTROL, PUBLIC))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .body(file.bytes.into_owned())),
        Ok(None) => Err(Reason::NotFound.into()),
        Err(error) => Err(ApiError::new(Reason::InternalError).cause(error.to_string())),
    }
}

/// This document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
#[get("/apidocs/openapi.json")]
pub(super) async fn apidocs_openapi(document: Data<Document>) -> HttpResponse {
    openapi_json(&document)
}

/// This document
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "OpenAPI 3.1", body = Object))
)]
#[get("/openapi.json")]
pub(super) async fn versioned_openapi(document: Data<Document>) -> HttpResponse {
    openapi_json(&document)
}

fn openapi_json(document: &Document) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, PUBLIC))
        .body(document.json.clone())
}
