use actix_web::web::Data;
use actix_web::{HttpRequest, get, post};
use bookshelf_application::transfer::histories::HistoryFormat;
use utoipa_actix_web::service_config::ServiceConfig;

use super::query::{
    self, ExportParams, FileParams, HistoryExportParams, HistoryImportParams, ImportParams,
};
use super::view::{HistoryView, ImportView};
use super::{books, format, histories};
use crate::App;
use crate::http::{
    AdminWriter, Body, Envelope, HandlerResult, Query, Reader, Writer, client_for_shares,
};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(import_books).service(export_books).service(import_shelf).service(export_shelf);
}

/// Imports books from a file
///
/// Rows are imported one by one while the file arrives. A rejected row does not stop the import.
/// Columns (members) are recognised by name, in any order and case: `title`, `author`, `isbn`,
/// `genre`, `year`, `description`, and the names that other programs use for them. The separator
/// (comma, semicolon or tab) is recognised from the header, or from a first line such as `sep=;`.
/// Missing cells at the end of a row count as empty, and empty rows are skipped.
///
/// A row with an ISBN is matched with existing books by the ISBN alone, a row without one by title
/// and author. Importing the same file again changes nothing. If the upload is cut off, takes
/// longer than the server allows, or the database fails, the rows before are kept, and the error has
/// the report of them as its member `report`; send the whole file again. A user has one import or
/// export under way at a time.
///
/// A file whose first MiB is not valid text in its encoding is refused before a row is written. After
/// that, a row with invalid text is rejected.
#[utoipa::path(
    tag = "books",
    security(("bearer" = ["admin"]), ("api_key" = ["admin", "write"])),
    params(ImportParams, FileParams),
    request_body(
        description = "CSV (RFC 4180) with a header row, or one JSON object per line. UTF-8, UTF-16 with a byte order mark, or the encoding that `charset` names, in the query or in `Content-Type`; not compressed",
        content(
            (String = "text/csv", example = "title,author,isbn\nClean Code,Robert C. Martin,9780132350884\n"),
            (String = "application/x-ndjson", example = "{\"title\": \"Clean Code\", \"author\": \"Robert C. Martin\"}\n"),
        )
    ),
    responses((status = 200, description = "The report of the import", body = Envelope<ImportView>))
)]
#[post("/books/import")]
async fn import_books(
    admin: AdminWriter,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let (options, charset) = query::book_import(request.query_string())?;
    let (format, charset) = format::of_books(&body.media_type()?, charset)?;
    let slot = app.transfers.imports.take(admin.0.user_id(), client_for_shares(&request))?;
    let import = app.transfers.transfer.import(&admin.0, options);
    books::import(body, format, charset, import, options.dry_run, slot).await
}

/// Exports the whole catalogue to a file
///
/// The books are sorted by id. If an error occurs while the file is sent, the connection is closed,
/// so a complete response is a complete file. Importing it into an empty catalogue gives the same
/// catalogue, except that books without an ISBN that have the same title and author become one. In
/// CSV, a cell that a spreadsheet would treat as a formula gets a leading apostrophe, which the
/// import removes. A user has one import or export under way at a time.
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
    let slot = app.transfers.exports.take(reader.0.user_id(), client_for_shares(&request))?;
    books::export(app.transfers.transfer.export(&reader.0, format), format, slot).await
}

/// Imports a reading history into the shelf
///
/// Exports of Goodreads, The StoryGraph, LibraryThing, Hardcover, BookWyrm, Calibre and Bookshelf are
/// recognised by their header, with columns in any order. A book is looked up in the catalogue by
/// its ISBN, or else by title and author, and added if it is not there. Where the server lets only
/// admins write the catalogue, the row of a book that is not there is rejected. Importing the same
/// file again changes nothing, and an older status never replaces a newer one. The report lists what
/// could not be kept: by row in `remarks`, by column in `ignored`. The file may have up to 64 MiB. A
/// user has one import or export under way at a time. An import that ends early keeps the rows before,
/// and the error has the report of them as its member `report`.
#[utoipa::path(
    tag = "shelf",
    security(("bearer" = []), ("api_key" = ["write"])),
    params(HistoryImportParams, FileParams),
    request_body(
        description = "The unchanged file. UTF-8, UTF-16 with a byte order mark, or the encoding that `charset` names, in the query or in `Content-Type`; not compressed. In a file of LibraryThing, cells that are not UTF-8 are read as Windows-1252",
        content(
            (String = "text/csv", example = "Title,Author,ISBN13,My Rating,Exclusive Shelf\nClean Code,Robert C. Martin,9780132350884,4,read\n"),
            (String = "text/tab-separated-values"),
            (String = "application/x-ndjson", example = "{\"title\": \"Clean Code\", \"author\": \"Robert C. Martin\", \"status\": \"read\"}\n"),
        )
    ),
    responses((status = 200, description = "The report of the import", body = Envelope<HistoryView>))
)]
#[post("/shelf/import")]
async fn import_shelf(
    writer: Writer,
    app: Data<App>,
    request: HttpRequest,
    body: Body,
) -> HandlerResult {
    let (options, charset) = query::history_import(request.query_string())?;
    let charset = format::of_history(&body.media_type()?, charset)?;
    let slot = app.transfers.imports.take(writer.0.user_id(), client_for_shares(&request))?;
    let import = app.transfers.histories.import(&writer.0, options);
    histories::import(body, charset, import, options.dry_run, slot).await
}

/// Exports the whole shelf to a file
///
/// The entries are in the order in which they were added. If an error occurs while the file is
/// sent, the connection is closed, so a complete response is a complete file. Importing Bookshelf's
/// own formats into an empty shelf gives the same shelf. The format of Goodreads has no column for
/// `started_on`, and contains notes as private notes. A user has one import or export under way at a
/// time.
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
    let slot = app.transfers.exports.take(reader.0.user_id(), client_for_shares(&request))?;
    histories::export(app.transfers.histories.export(&reader.0, format), format, slot).await
}
