use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::query::{ExportParams, ImportParams};
use super::view::ImportView;
use super::{books, format, query};
use crate::App;
use crate::http::{Admin, ApiError, Envelope, Reader, Upload};

type Answer = Result<HttpResponse, ApiError>;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_books).service(export_books);
}

/// Reads books from a file
///
/// A row at a time, while the file arrives; a bad row never stops the good ones. Columns (members)
/// are known by name, in any order and case: `title`, `author`, `isbn`, `genre`, `year`,
/// `description`, and the names that other programs give them. A row with an ISBN is matched by that
/// alone, a row without one by title and author, so the same file again changes nothing, and one
/// that was cut off can simply be sent again: what came before the cut is kept.
#[utoipa::path(
    tag = "books",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(ImportParams),
    request_body(
        description = "CSV (RFC 4180) with a header row, or a JSON object a line; UTF-8, not compressed",
        content(
            (String = "text/csv", example = "title,author,isbn\nClean Code,Robert C. Martin,9780132350884\n"),
            (String = "application/x-ndjson", example = "{\"title\": \"Clean Code\", \"author\": \"Robert C. Martin\"}\n"),
        )
    ),
    responses((status = 200, description = "What became of the rows", body = Envelope<ImportView>))
)]
#[post("/books/import")]
async fn import_books(_: Admin, app: Data<App>, request: HttpRequest, upload: Upload) -> Answer {
    let options = query::import(request.query_string())?;
    let format = format::declared(upload.media_type()?)?;
    let slot = app.transfers.book_imports.take()?;
    let import = app.transfers.transfer.import(options);
    books::import(upload, format, import, options.dry_run, slot).await
}

/// The whole catalogue as a file
///
/// By id, and streamed; if something goes wrong on the way the connection is cut, so that a file that
/// came to its end is whole. Imported into an empty catalogue it gives the same one. A cell of CSV
/// that a spreadsheet would take for a formula has an apostrophe before it, which the import takes
/// away.
#[utoipa::path(
    tag = "books",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(ExportParams),
    responses((status = 200, description = "The file", content(
        (String = "text/csv", example = "title,author,isbn,genre,year,description\n"),
        (String = "application/x-ndjson"),
    )))
)]
#[get("/books/export")]
async fn export_books(_: Reader, app: Data<App>, request: HttpRequest) -> Answer {
    let format = query::export(request.query_string())?;
    let format = format.unwrap_or_else(|| format::preferred(&request));
    let slot = app.transfers.exports.take()?;
    books::export(app.transfers.transfer.export(format), format, slot).await
}
