use actix_web::http::header::{CACHE_CONTROL, HeaderValue, LOCATION, VARY};
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Accept, Anyone, Envelope, PUBLIC, ok};
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
    invites: &'static str,
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
    links()
}

/// Leads to the documentation and to the entry point
///
/// A browser is sent to the documentation: a client whose `Accept` names HTML and does not rank JSON
/// higher. Other clients get the links of the entry point.
#[utoipa::path(
    tag = "service",
    responses(
        (status = 200, description = "The links, as at `/api/v1`", body = Envelope<EntryPoint>),
        (
            status = 302, description = "The documentation is at `/apidocs/`",
            headers(("Location" = String))
        ),
    )
)]
#[get("/")]
pub(super) async fn root(_: Anyone, request: HttpRequest) -> HttpResponse {
    let is_browser = Accept::of(request.headers()).is_some_and(|accept| {
        ["text/html", "application/xhtml+xml"].iter().any(|html| accept.prefers_to_json(html))
    });
    let mut response = if is_browser {
        HttpResponse::Found().insert_header((LOCATION, paths::DOCUMENTATION)).finish()
    } else {
        links()
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
    response
}

fn links() -> HttpResponse {
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
            invites: paths::INVITES,
            openapi: paths::OPENAPI,
            documentation: paths::DOCUMENTATION,
        },
    });
    response.headers_mut().insert(CACHE_CONTROL, PUBLIC);
    response
}
