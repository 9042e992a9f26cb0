//! Imports and exports of the catalogue.

use actix_web::HttpResponse;
use bookshelf_application::transfer::{
    BookExport, BookImport, Charset, Format, ImportOutcome, Rows, RowsError,
};
use tokio::runtime::Handle;

use super::format;
use super::progress::{DRY_RUN, bad_header, cut_off, pieces};
use super::view::ImportView;
use crate::http::{ApiError, Arriving, Body, Slot, download, ok, ok_with_message};

/// The result of reading a file.
#[derive(Default)]
struct Report {
    outcome: ImportOutcome,
    ignored_columns: Vec<String>,
}

/// Imports books from a body and responds with the report. If the body is cut off, the rows before
/// are kept.
pub(super) async fn import(
    body: Body,
    format: Format,
    charset: Option<Charset>,
    import: BookImport,
    dry_run: bool,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let runtime = Handle::current();
    let work = move |body| {
        let report = read(body, format, charset, import, &runtime);
        drop(slot);
        report
    };
    let (report, cut) = body.read_file(u64::MAX, work).await?;
    let Report { outcome, ignored_columns } = report?;
    if let Some(cut) = cut {
        return Err(cut_off(cut, &outcome));
    }
    let view = ImportView::new(&outcome, &ignored_columns);
    Ok(if dry_run { ok_with_message(view, DRY_RUN) } else { ok(view) })
}

fn read(
    body: Arriving,
    format: Format,
    charset: Option<Charset>,
    mut import: BookImport,
    runtime: &Handle,
) -> Result<Report, ApiError> {
    let mut rows = match Rows::open(body, format, charset) {
        Ok(rows) => rows,
        Err(RowsError::Header(why)) => return Err(bad_header(why)),
        Err(RowsError::Read(_)) => return Ok(Report::default()),
    };
    // Reading fails only if the body was cut off, which the caller of this function reports.
    while let Ok(Some(row)) = rows.next_row() {
        // The import counts and reports rejected rows itself.
        runtime.block_on(import.add(row))?;
    }
    let outcome = runtime.block_on(import.finish())?;
    Ok(Report { outcome, ignored_columns: rows.unknown_columns().to_vec() })
}

/// Responds with the whole catalogue, which is read while it is sent.
pub(super) async fn export(
    export: BookExport,
    format: Format,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let pieces = pieces(export, slot, async |export: &mut BookExport| {
        Ok(export.next_piece().await?.map(|(piece, _)| piece.into()))
    });
    let name = match format {
        Format::Csv => "books.csv",
        Format::Ndjson => "books.ndjson",
    };
    Ok(download(format::media_type(format), name, pieces.await?))
}
