//! The one envelope of every JSON answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use serde::Serialize;
use utoipa::ToSchema;

use super::error_body::json;

/// One resource, or one answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    #[schema(example = true)]
    success: bool,
    data: T,
    /// Where there is something to say to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
}

/// A page of a collection.
#[derive(Serialize, ToSchema)]
pub(crate) struct Collection<T> {
    #[schema(example = true)]
    pub(super) success: bool,
    pub(super) data: Vec<T>,
    pub(super) pagination: Pagination,
    pub(super) links: CollectionLinks,
}

/// Where a page stands in its collection. An answer to a cursor has `per_page`, `has_next` and
/// `next_cursor` only, one to `count=none` no totals.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, example = 2)]
    pub(super) page: Option<u64>,
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(super) per_page: u32,
    /// All that the filter lets through, counted up to 10,000; exact without a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 93)]
    pub(super) total_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    pub(super) total_pages: Option<u64>,
    /// False when there are more than `total_items` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub(super) total_is_exact: Option<bool>,
    #[schema(example = true)]
    pub(super) has_next: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub(super) has_prev: Option<bool>,
    /// Opaque: reads on from here, at a cost that does not grow with depth.
    #[schema(required = true)]
    pub(super) next_cursor: Option<String>,
}

/// The neighbours of a page, with every parameter of the request kept. The same links stand in the
/// header `Link`.
#[derive(Serialize, ToSchema)]
pub(crate) struct CollectionLinks {
    #[serde(rename = "self")]
    #[schema(example = "/api/v1/books?genre=Drama&page=2")]
    pub(super) self_: String,
    #[schema(example = "/api/v1/books?genre=Drama&page=1")]
    pub(super) first: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) prev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) next: Option<String>,
    /// Only where the total is known exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) last: Option<String>,
}

/// 200 with the envelope.
pub(crate) fn ok<T: Serialize>(data: T) -> HttpResponse {
    json_response(&Envelope { success: true, data, message: None })
}

/// The same, with something to say to people.
pub(crate) fn ok_saying<T: Serialize>(data: T, message: &'static str) -> HttpResponse {
    json_response(&Envelope { success: true, data, message: Some(message) })
}

/// 201 with the envelope and the new resource's address.
pub(crate) fn created<T: Serialize>(data: T, message: &'static str, at: &str) -> HttpResponse {
    let mut response = json_response(&Envelope { success: true, data, message: Some(message) });
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(at) = HeaderValue::from_str(at) {
        response.headers_mut().insert(LOCATION, at);
    }
    response
}

/// 204.
pub(crate) fn no_content() -> HttpResponse {
    HttpResponse::new(StatusCode::NO_CONTENT)
}

/// 200 with a JSON body as it is.
pub(crate) fn json_response(body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::with_body(StatusCode::OK, json(body)).map_into_boxed_body();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
