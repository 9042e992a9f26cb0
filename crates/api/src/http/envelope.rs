//! The envelope of JSON responses.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use serde::Serialize;
use utoipa::ToSchema;

use super::error_body::json;

/// A successful response.
#[derive(Serialize, ToSchema)]
pub(crate) struct Envelope<T> {
    #[schema(example = true)]
    success: bool,
    data: T,
    /// A message for people.
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

/// The place of a page in its collection. A response to `cursor` has only `per_page`, `has_next`
/// and `next_cursor`. A response to `count=none` has no totals.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, example = 2)]
    pub(super) page: Option<u64>,
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(super) per_page: u32,
    /// The number of resources that match the filter, counted up to 10,000. Without a filter it is
    /// always exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 93)]
    pub(super) total_items: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    pub(super) total_pages: Option<u64>,
    /// False if there are more than `total_items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub(super) total_is_exact: Option<bool>,
    #[schema(example = true)]
    pub(super) has_next: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub(super) has_prev: Option<bool>,
    /// An opaque value for the parameter `cursor`, which reads on after this page. The cost does
    /// not grow with depth.
    #[schema(required = true)]
    pub(super) next_cursor: Option<String>,
}

/// Links to other pages, with the other parameters of the request. The header `Link` has the same
/// links.
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
    /// Only if the total is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) last: Option<String>,
}

/// 200 with the envelope.
pub(crate) fn ok<T: Serialize>(data: T) -> HttpResponse {
    json_response(&Envelope { success: true, data, message: None })
}

/// 200 with the envelope and a message for people.
pub(crate) fn ok_with_message<T: Serialize>(data: T, message: &'static str) -> HttpResponse {
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

/// 200 with a JSON body without an envelope.
pub(crate) fn json_response(body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::with_body(StatusCode::OK, json(body)).map_into_boxed_body();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
