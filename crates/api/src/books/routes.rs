use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use bookshelf_domain::books::Book;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::{BookBody, BookPatch, BookReplacement, READ_ONLY};
use super::query::{self, BookDeletionParams, BookListParams};
use super::view::{BookView, TAGS, tag};
use crate::App;
use crate::http::{
    AdminWriter, Anyone, ApiError, Body, CatalogueWriter, Collection, Envelope, HandlerResult,
    IdempotencyHeader, IfMatch, IfNoneMatch, PUBLIC, PageParams, PathId, Precondition, created,
    created_once, no_content, ok,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_book)
        .service(list_books)
        .service(get_book_by_isbn)
        .service(create_book)
        .service(replace_book)
        .service(patch_book)
        .service(delete_book);
}

/// Lists books
#[utoipa::path(
    tag = "books",
    params(BookListParams, PageParams),
    responses((status = 200, description = "A page of books", body = Collection<BookView>))
)]
#[get("/books")]
async fn list_books(anyone: Anyone, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let (query, page) = query::read(request.query_string())?;
    let _turn = app.slow_read(anyone.client, &request).await?;
    let listing = app.books_for(&request).list(query).await?;
    let mut answer = page.answer(&listing, |book| page.sort.position(book), BookView::from);
    answer.headers_mut().insert(CACHE_CONTROL, PUBLIC);
    Ok(answer)
}

/// Adds a book
///
/// Where the server lets only admins write the catalogue, a user who is not an admin gets 403
/// `admin_required`.
#[utoipa::path(
    tag = "books",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(IdempotencyHeader),
    request_body = BookBody,
    responses(
        (status = 201, description = "The new book", body = Envelope<BookView>),
        (status = 409, description = "`isbn_taken`"),
    )
)]
#[post("/books")]
async fn create_book(writer: CatalogueWriter, app: Data<App>, body: Body) -> HandlerResult {
    let (book, key) = body.read_once::<BookBody>(writer.0.caller().principal()).await?;
    let made = app.books.create(&writer.0, book.into(), key).await?;
    Ok(created_once(made, book_created))
}

fn book_created(book: &Book) -> HttpResponse {
    tag(book).mark(created(BookView::from(book), "The book was added", &paths::book(book.id)))
}

/// Shows a book
#[utoipa::path(
    tag = "books",
    params(("id" = i64, Path, minimum = 1, example = 42), IfNoneMatch),
    responses((status = 200, description = "The book", body = Envelope<BookView>))
)]
#[get("/books/{id}")]
async fn get_book(
    _: Anyone,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let book = app.books_for(&request).get(id.0).await?;
    Ok(tag(&book).answer(&request, PUBLIC, || ok(BookView::from(&book))))
}

/// Finds a book by its ISBN
#[utoipa::path(
    tag = "books",
    params(("isbn" = String, Path, description = "In any notation", example = "0-13-235088-2"), IfNoneMatch),
    responses((status = 200, description = "The book", body = Envelope<BookView>))
)]
#[get("/books/isbn/{isbn}")]
async fn get_book_by_isbn(
    _: Anyone,
    isbn: web::Path<String>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let book = app.books_for(&request).get_by_isbn(&isbn).await?;
    Ok(tag(&book).answer(&request, PUBLIC, || ok(BookView::from(&book))))
}

/// Replaces a book
///
/// An optional field that is absent gets its default. What `GET` shows can be sent back: its
/// read-only members are ignored. Where the server lets only admins write the catalogue, a user who
/// is not an admin gets 403 `admin_required`.
#[utoipa::path(
    tag = "books",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 42), IfMatch),
    request_body = BookReplacement,
    responses(
        (status = 200, description = "The changed book", body = Envelope<BookView>),
        (status = 409, description = "`isbn_taken`"),
    )
)]
#[put("/books/{id}")]
async fn replace_book(
    writer: CatalogueWriter,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<BookBody>(READ_ONLY).await?.into();
    let replaced = app.books.replace(&writer.0, id.0, precondition.expected(), draft).await;
    let book = replaced.map_err(|error| precondition.explain(ApiError::of_replacement(error)))?;
    Ok(tag(&book).mark(ok(BookView::from(&book))))
}

/// Changes some fields of a book
///
/// Where the server lets only admins write the catalogue, a user who is not an admin gets 403
/// `admin_required`.
#[utoipa::path(
    tag = "books",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(("id" = i64, Path, minimum = 1, example = 42), IfMatch),
    request_body(content(
        (BookPatch = "application/merge-patch+json"),
        (BookPatch = "application/json"),
    )),
    responses(
        (status = 200, description = "The changed book", body = Envelope<BookView>),
        (status = 409, description = "`isbn_taken`"),
    )
)]
#[patch("/books/{id}")]
async fn patch_book(
    writer: CatalogueWriter,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let draft = body.read_change::<BookBody>(READ_ONLY).await?.into();
    let book = app.books.patch(&writer.0, id.0, precondition.expected(), draft).await;
    let book = book.map_err(|error| precondition.explain(error))?;
    Ok(tag(&book).mark(ok(BookView::from(&book))))
}

/// Deletes a book
///
/// A book that is on shelves is only deleted with `force=true`.
#[utoipa::path(
    tag = "books",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(("id" = i64, Path, minimum = 1, example = 42), BookDeletionParams, IfMatch),
    responses(
        (status = 204, description = "The book was deleted"),
        (status = 409, description = "`book_in_use`"),
    )
)]
#[delete("/books/{id}")]
async fn delete_book(
    admin: AdminWriter,
    id: PathId<Book>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    let precondition = Precondition::of(&request, TAGS)?;
    let shelved = query::when_shelved(request.query_string())?;
    app.books
        .delete(&admin.0, id.0, precondition.expected(), shelved)
        .await
        .map_err(|error| precondition.explain(error))?;
    Ok(no_content())
}
