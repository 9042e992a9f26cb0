//! The service itself: its health, its entry point and its documentation.

mod callers;
mod docs;
mod document;
mod entry_point;
mod health;
mod jwks;
mod openapi_30;
mod shared;

pub(crate) use document::{Document, describe};

use utoipa_actix_web::service_config::ServiceConfig;

/// The routes that belong to no version of the API.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(entry_point::root)
        .service(health::health)
        .service(health::api_health)
        .service(health::ready)
        .service(jwks::jwks)
        .service(docs::apidocs_openapi)
        .service(docs::apidocs_openapi_30)
        .service(docs::apidocs)
        .service(docs::apidocs_index)
        .service(docs::apidocs_file);
}

pub(crate) fn versioned_routes(config: &mut ServiceConfig<'_>) {
    config.service(entry_point::entry_point).service(docs::versioned_openapi);
}
