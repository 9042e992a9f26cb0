//! All routes, and the OpenAPI document, which is made from them.

use std::sync::LazyLock;

use actix_web::web::{self, Data};
use serde_json::Value;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{Context, Routes};
use crate::service::{Document, describe};
use crate::{
    App, accounts, api_keys, books, covers, http, invites, service, shelves, transfer, users,
};

/// The document and the routes read from it are the same for every worker, so they are made only
/// once. The tree of the document, which takes megabytes, is not kept.
static DOCUMENT: LazyLock<(Data<Document>, Data<Routes>)> = LazyLock::new(|| {
    let openapi = openapi();
    (Data::new(Document::of(&openapi)), Data::new(Routes::of(&openapi)))
});

/// Registers every route, and the handler for requests that match none.
pub fn configure(config: &mut web::ServiceConfig, app: Data<App>, context: Data<Context>) {
    let (document, routes) = DOCUMENT.clone();
    config.app_data(app).app_data(context).app_data(document).app_data(routes);
    register(&mut ServiceConfig::new(config));
    config.default_service(web::to(http::fallback));
}

/// The OpenAPI 3.1 document, made from the code.
pub fn openapi() -> OpenApi {
    describe(register)
}

/// The document as OpenAPI 3.0.3, for generators of clients that do not read 3.1.
pub fn openapi_30() -> Value {
    Document::of(&openapi()).as_30()
}

/// Registers every route and its documentation together.
fn register(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/api/v1")
            // Before the books, because `/books/export` also matches `/books/{id}`.
            .configure(transfer::routes)
            .configure(books::routes)
            .configure(covers::routes)
            .configure(accounts::routes)
            .configure(api_keys::routes)
            .configure(users::routes)
            .configure(invites::routes)
            .configure(shelves::routes)
            .configure(service::versioned_routes),
    );
    config.configure(service::routes);
}
