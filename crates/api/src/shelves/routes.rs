use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put};
use bookshelf_application::Principal;
use bookshelf_domain::shelves::ShelfEntry;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{READ_ONLY, ShelfEntryBody, ShelfEntryPatch, ShelfEntryReplacement};
use super::query::{self, ShelfListParams};
use super::view::{ShelfEntryView, ShelfStatsView, TAGS, tag};
use crate::App;
use crate::http::{
    Body, Collection, Envelope, HandlerResult, IdempotencyHeader, IfMatch, IfNoneMatch, PRIVATE,
    PageParams, PathId, Precondition, Reader, Writer, created, created_once, no_content, ok,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_shelf)
        .service(add_to_shelf)
        .service(shelf_stats)
        .service(get_shelf_entry)
        .service(replace_shelf_entry)
        .service(patch_shelf_entry)
        .service(remove_from_shelf);
}

/// Lists the entries of the shelf
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(ShelfListParams, PageParams),
    responses((status = 200, description = "A page of the caller's own shelf", body = Collection<ShelfEntryView>))
)]
#[get("/shelf")]
async fn list_shelf(reader: Reader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let (query, page) = query::read(request.query_string(), reader.0.user_id())?;
    let _turn = app.slow_read(Principal::User(reader.0.user_id()), &request).await?;
    let listing = app.shelves.list(&reader.0, query).await?;
    Ok(page.answer(&listing, |entry| page.sort.position(entry), ShelfEntryView::from))
}

/// Puts a book on the shelf
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(IdempotencyHeader),
    request_body = ShelfEntryBody,
    responses(
        (status = 201, description = "The new entry", body = Envelope<ShelfEntryView>),
        (status = 403, description = "`admin_required`: only admins may add a book to the catalogue"),
        (status = 409, description = "`already_on_shelf`, or `shelf_full`: the shelf has 100,000 entries"),
    )
)]
#[post("/shelf")]
async fn add_to_shelf(writer: Writer, app: Data<App>, body: Body) -> HandlerResult {
    let (entry, key) = body.read_once::<ShelfEntryBody>(writer.0.caller().principal()).await?;
    let made = app.shelves.add(&writer.0, entry.into(), key).await?;
    Ok(created_once(made, entry_added))
}

fn entry_added(entry: &ShelfEntry) -> HttpResponse {
    let at = paths::shelf_entry(entry.id);
    tag(entry).mark(created(ShelfEntryView::from(entry), "The book is on your shelf", &at))
}

/// Shows statistics of the shelf
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["read"])),
    responses((status = 200, description = "The statistics of the caller's own shelf", body = Envelope<ShelfStatsView>))
)]
#[get("/shelf/stats")]
async fn shelf_stats(reader: Reader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let _turn = app.slow_read(Principal::User(reader.0.user_id()), &request).await?;
    Ok(ok(ShelfStatsView::from(app.shelves.stats(&reader.0).await?)))
}

/// Shows an entry of the shelf
///
/// An entry of another user gets the same response as an entry that does not exist.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(("id" = i64, Path, minimum = 1, example = 7), IfNoneMatch),
    responses((status = 200, description = "The entry", body = Envelope<ShelfEntryView>))
)]
#[get("/shelf/{id}")]
async fn get_shelf_entry(
    reader: Reader,
    id: PathId<ShelfEntry>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let entry = app.shelves.get(&reader.0, id.0).await?;
    Ok(tag(&entry).answer(&request, PRIVATE, || ok(ShelfEntryView::from(&entry))))
}

/// Replaces an entry of the shelf
///
/// A field that is absent gets its default. What `GET` shows can be sent back: its read-only members
/// are ignored. An entry keeps its book, so `book_id` and `book` are ignored too.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 7), IfMatch),
    request_body = ShelfEntryReplacement,
    responses((status = 200, description = "The changed entry", body = Envelope<ShelfEntryView>))
)]
#[put("/shelf/{id}")]
async fn replace_shelf_entry(
    writer: Writer,
    id: PathId<ShelfEntry>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<ShelfEntryBody>(READ_ONLY).await?.into();
    let entry = app.shelves.replace(&writer.0, id.0, precondition.expected(), draft).await;
    let entry = entry.map_err(|error| precondition.explain(error))?;
    Ok(tag(&entry).mark(ok(ShelfEntryView::from(&entry))))
}

/// Changes some fields of an entry of the shelf
///
/// An entry keeps its book: `book_id` and `book` are ignored, as all read-only members are.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 7), IfMatch),
    request_body(content(
        (ShelfEntryPatch = "application/merge-patch+json"),
        (ShelfEntryPatch = "application/json"),
    )),
    responses((status = 200, description = "The changed entry", body = Envelope<ShelfEntryView>))
)]
#[patch("/shelf/{id}")]
async fn patch_shelf_entry(
    writer: Writer,
    id: PathId<ShelfEntry>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<ShelfEntryBody>(READ_ONLY).await?.into();
    let entry = app.shelves.patch(&writer.0, id.0, precondition.expected(), draft).await;
    let entry = entry.map_err(|error| precondition.explain(error))?;
    Ok(tag(&entry).mark(ok(ShelfEntryView::from(&entry))))
}

/// Removes a book from the shelf
///
/// The book stays in the catalogue. The rating is deleted with the entry.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 7), IfMatch),
    responses((status = 204, description = "The entry was deleted"))
)]
#[delete("/shelf/{id}")]
async fn remove_from_shelf(
    writer: Writer,
    id: PathId<ShelfEntry>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    app.shelves
        .remove(&writer.0, id.0, precondition.expected())
        .await
        .map_err(|error| precondition.explain(error))?;
    Ok(no_content())
}
