use actix_web::web::Data;
use actix_web::{HttpRequest, get, post};
use bookshelf_application::transfer::ImportOptions;
use bookshelf_application::transfer::histories::HistoryFormat;
use utoipa_actix_web::service_config::ServiceConfig;

use super::query::{ExportParams, HistoryExportParams, HistoryImportParams, ImportParams};
use super::view::{HistoryView, ImportView};
use super::{books, format, histories};
use crate::App;
use crate::http::{AdminWriter, Body, Envelope, HandlerResult, Query, Reader, Writer};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_books).service(export_books).service(import_shelf).service(export_shelf);
}

/// Reads books from a file
///
/// A row at a time, while the file arrives; a bad row never stops the good ones. The header shows the
/// separator (comma, semicolon or tab), or a first line such as `sep=;` does. Missing cells at the end
/// of a row are empty, and empty rows are skipped. A file whose first MiB is not in its encoding is
/// refused before a row is written; later on, such text rejects its row. Columns (members)
/// are known by name, in any order and case: `title`, `author`, `isbn`, `genre`, `year`,
/// `description`, and the names that other programs give them. A row with an ISBN is matched by that
/// alone, a row without one by title and author, so the same file again changes nothing, and one
/// that was cut off can simply be sent again: what came before the cut is kept.
#[utoipa::path(
    tag = "books",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(ImportParams),
    request_body(
        description = "CSV (RFC 4180) with a header row, or a JSON object a line; UTF-8, or UTF-16 with its byte order mark, or as `charset` says; not compressed",
        content(
            (String = "text/csv", example = "title,author,isbn\nClean Code,Robert C. Martin,9780132350884\n"),
            (String = "application/x-ndjson", example = "{\"title\": \"Clean Code\", \"author\": \"Robert C. Martin\"}\n"),
        )
    ),
    responses((status = 200, description = "What became of the rows", body = Envelope<ImportView>))
)]
#[post("/books/import")]
async fn import_books(
    admin: AdminWriter,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let params: ImportParams = Query::read_all(request.query_string())?;
    let charset = params.charset;
    let options = ImportOptions::from(params);
    let format = format::declared(&body.media_type()?, charset)?;
    let slot = app.transfers.book_imports.take()?;
    let import = app.transfers.transfer.import(&admin.0, options);
    books::import(body, format, charset, import, options.dry_run, slot).await
}

/// The whole catalogue as a file
///
/// By id, and streamed; if something goes wrong on the way the connection is cut, so that a file that
/// came to its end is whole. Imported into an empty catalogue it gives the same one, but that
/// books without an ISBN that share title and author become one. A cell of CSV
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
async fn export_books(reader: Reader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let ExportParams { format } = Query::read_all(request.query_string())?;
    let format = format.map_or_else(|| format::preferred(&request), |format| *format.value);
    let slot = app.transfers.exports.take()?;
    books::export(app.transfers.transfer.export(&reader.0, format), format, slot).await
}

/// Reads a reading history into the shelf
///
/// Exports of Goodreads, The StoryGraph, LibraryThing, Hardcover, BookWyrm, Calibre and of Bookshelf itself are
/// recognised by their header, whatever the order of their columns. A book is found in the catalogue
/// by its ISBN, or else by title and author, or made. The same file again changes nothing, and a
/// newer status is never replaced by an older one. What has no place on a shelf is told: by row in
/// `remarks`, by column in `ignored`. Up to 64 MiB.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(HistoryImportParams),
    request_body(
        description = "The file as it is: UTF-8, or UTF-16 with its byte order mark, or as `charset` says (LibraryThing: Windows-1252); not compressed",
        content(
            (String = "text/csv", example = "Title,Author,ISBN13,My Rating,Exclusive Shelf\nClean Code,Robert C. Martin,9780132350884,4,read\n"),
            (String = "text/tab-separated-values"),
            (String = "application/x-ndjson", example = "{\"title\": \"Clean Code\", \"author\": \"Robert C. Martin\", \"status\": \"read\"}\n"),
        )
    ),
    responses((status = 200, description = "What became of the rows", body = Envelope<HistoryView>))
)]
#[post("/shelf/import")]
async fn import_shelf(
    writer: Writer,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let params: HistoryImportParams = Query::read_all(request.query_string())?;
    let charset = params.charset;
    let options = ImportOptions::from(params);
    format::check_history(&body.media_type()?)?;
    let slot = app.transfers.history_imports.take()?;
    let import = app.transfers.histories.import(&writer.0, options);
    histories::import(body, charset, import, options.dry_run, slot).await
}

/// The whole shelf as a file
///
/// In the order in which books were put there, and streamed; if something goes wrong on the way the
/// connection is cut, so that a file that came to its end is whole. Imported into an empty shelf the
/// own formats give the same one; that of Goodreads has no place for the day on which a book was
/// begun, and keeps notes as private ones.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["read"])),
    params(HistoryExportParams),
    responses((status = 200, description = "The file", content(
        (String = "text/csv", example = "title,author,isbn,genre,year,description,status,rating,notes,started_on,finished_on,added_at\n"),
        (String = "application/x-ndjson"),
    )))
)]
#[get("/shelf/export")]
async fn export_shelf(reader: Reader, app: Data<App>, request: HttpRequest) -> HandlerResult {
    let HistoryExportParams { format } = Query::read_all(request.query_string())?;
    let preferred = || HistoryFormat::Own(format::preferred(&request));
    let format = format.map_or_else(preferred, |format| *format.value);
    let slot = app.transfers.exports.take()?;
    histories::export(app.transfers.histories.export(&reader.0, format), format, slot).await
}
