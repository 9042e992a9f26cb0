use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Anyone, Envelope, PUBLIC, ok};
use crate::paths;

/// The entry point of the API.
#[derive(Serialize, ToSchema)]
pub(super) struct EntryPoint {
    #[schema(example = "bookshelf")]
    service: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
    links: EntryPointLinks,
}

#[derive(Serialize, ToSchema)]
struct EntryPointLinks {
    #[serde(rename = "self")]
    self_: &'static str,
    books: &'static str,
    shelf: &'static str,
    shelf_stats: &'static str,
    me: &'static str,
    sessions: &'static str,
    api_keys: &'static str,
    users: &'static str,
    openapi: &'static str,
    documentation: &'static str,
}

/// Links to every collection
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "The links", body = Envelope<EntryPoint>))
)]
#[get("")]
pub(super) async fn entry_point(_: Anyone) -> HttpResponse {
    let mut response = ok(EntryPoint {
        service: "bookshelf",
        version: env!("CARGO_PKG_VERSION"),
        links: EntryPointLinks {
            self_: paths::ENTRY_POINT,
            books: paths::BOOKS,
            shelf: paths::SHELF,
            shelf_stats: paths::SHELF_STATS,
            me: paths::ME,
            sessions: paths::SESSIONS,
            api_keys: paths::API_KEYS,
            users: paths::USERS,
            openapi: paths::OPENAPI,
            documentation: paths::DOCUMENTATION,
        },
    });
    response.headers_mut().insert(CACHE_CONTROL, PUBLIC);
    response
}
