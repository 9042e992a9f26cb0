use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, CROSS_ORIGIN_RESOURCE_POLICY,
    HeaderValue,
};
use bookshelf_domain::books::BookId;
use bookshelf_domain::covers::{CoverName, CoverSize};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::http::{ApiError, Body, EntityTag, Reason};

/// The schema of the bytes of an image file.
pub(super) enum Image {}

impl ToSchema for Image {}

impl PartialSchema for Image {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("The bytes of an image file."))
            .into()
    }
}

/// Reads an upload. It is refused as soon as it is too large. Its media type does not matter, because
/// clients often send a wrong one or none, and the bytes tell the format.
pub(super) async fn read(body: Body, largest: usize) -> Result<Vec<u8>, ApiError> {
    let upload = body.read_bytes(largest).await?;
    match upload.is_empty() {
        true => Err(ApiError::new(Reason::MissingBody).message("The body must be an image")),
        false => Ok(upload),
    }
}

/// The end of the tag of a thumbnail.
pub(super) const THUMB: &str = "-thumb";

/// The tag of an image: the hash of the cover.
pub(super) fn tag(cover: &CoverName, size: CoverSize) -> EntityTag {
    EntityTag::of_content(match size {
        CoverSize::Full => cover.hash.to_string(),
        CoverSize::Thumb => format!("{}{THUMB}", cover.hash),
    })
}

/// 200 with an image, which browsers save under a descriptive name.
pub(super) fn answer(id: BookId, cover: &CoverName, image: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::with_body(StatusCode::OK, image).map_into_boxed_body();
    let name = format!("inline; filename=\"book-{id}.{}\"", cover.format.extension());
    let media_type = HeaderValue::from_static(cover.format.media_type());
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// Allows any page to show the image. The policy forbids scripts in it, should a browser take it
/// for a document.
pub(super) fn secure(mut response: HttpResponse) -> HttpResponse {
    let headers = response.headers_mut();
    let policy = "default-src 'none'; frame-ancestors 'none'; sandbox";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}
