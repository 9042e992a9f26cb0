use std::sync::LazyLock;

use actix_web::web::Data;
use actix_web::{HttpRequest, delete, get, put};
use bookshelf_domain::books::Book;
use bookshelf_domain::covers::CoverImages;
use utoipa_actix_web::service_config::ServiceConfig;

use super::condition::precondition;
use super::image::{self, Image};
use super::query::CoverParams;
use crate::App;
use crate::books::{BookView, tag};
use crate::http::{
    AdminWriter, Anyone, Body, CatalogueWriter, Envelope, HandlerResult, IMMUTABLE, IfMatch,
    IfNoneMatch, PUBLIC, PathId, Query, Slots, UserShare, client_for_shares, no_content, ok,
};

/// How many uploads, of up to 5 MiB each, may arrive or wait at once. The codec has nine places. A user
/// occupies one of them and all users at one address occupy four; their other uploads arrive meanwhile.
static UPLOADS: LazyLock<Slots> = LazyLock::new(|| {
    let request = "an upload of a cover";
    Slots::new(request, 48, UserShare::one_and_the_next(request))
});

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_cover).service(replace_cover).service(delete_cover);
}

/// Shows the cover of a book
///
/// The upload was re-encoded; its metadata was dropped. Without `v`, the image is revalidated on
/// every request.
#[utoipa::path(
    tag = "books",
    params(("id" = i64, Path, minimum = 1, example = 42), CoverParams, IfNoneMatch),
    responses((
        status = 200,
        description = "The image",
        content((inline(Image) = "image/jpeg"), (inline(Image) = "image/png"))
    ))
)]
#[get("/books/{id}/cover")]
async fn get_cover(
    _: Anyone,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let params: CoverParams = Query::read_all(request.query_string())?;
    let cover = app.covers.find(id.0).await?;
    let tag = image::tag(&cover, params.size());
    let bytes = match tag.is_known(request.headers()) {
        true => Vec::new(),
        false => app.covers.read(id.0, cover, params.size()).await?,
    };
    let caching = if params.names(&cover) { IMMUTABLE } else { PUBLIC };
    let answer = tag.answer(&request, caching, || image::answer(id.0, &cover, bytes));
    Ok(image::secure(answer))
}

/// Sets the cover of a book
///
/// The body is a JPEG, PNG or WebP image of up to 5 MiB and 40 megapixels, with at most 16,384
/// pixels on a side. The format is recognised by the content, whatever `Content-Type` says. An image
/// that takes more than 153 MiB of memory to decode is refused with 422; this concerns only large
/// progressive JPEGs and large WebPs. The image is re-encoded; its metadata is dropped. It replaces an
/// earlier cover; the same image again changes nothing. `If-Match` takes the entity tag of the cover,
/// or that of the book; `*` is 412 if the book has no cover. The `ETag` of the response is that of the
/// book. Where the server lets only admins write the catalogue, a user who is not an admin gets 403
/// `admin_required`.
#[utoipa::path(
    tag = "books",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 42), IfMatch),
    request_body(content(
        (inline(Image) = "image/jpeg"),
        (inline(Image) = "image/png"),
        (inline(Image) = "image/webp"),
        (inline(Image) = "application/octet-stream"),
    )),
    responses((status = 200, description = "The changed book", body = Envelope<BookView>))
)]
#[put("/books/{id}/cover")]
async fn replace_cover(
    writer: CatalogueWriter,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = precondition(&request)?;
    app.covers
        .get_expected(&writer.0, id.0, &precondition.expected_cover())
        .await
        .map_err(|error| precondition.explain(error))?;
    let slot = UPLOADS.take(writer.0.user_id(), client_for_shares(&request))?;
    let upload = image::read(body, CoverImages::MAX_UPLOAD).await?;
    let _turn = slot.turn().await?;
    let book = app.covers.replace(&writer.0, id.0, precondition.expected_cover(), upload).await;
    let book = book.map_err(|error| precondition.explain(error))?;
    Ok(tag(&book).mark(ok(BookView::from(&book))))
}

/// Deletes the cover of a book
///
/// `If-Match` takes the entity tag of the cover, or that of the book.
#[utoipa::path(
    tag = "books",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(("id" = i64, Path, minimum = 1, example = 42), IfMatch),
    responses((status = 204, description = "The cover was deleted"))
)]
#[delete("/books/{id}/cover")]
async fn delete_cover(
    admin: AdminWriter,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let precondition = precondition(&request)?;
    app.covers
        .remove(&admin.0, id.0, precondition.expected_cover())
        .await
        .map_err(|error| precondition.explain(error))?;
    Ok(no_content())
}
