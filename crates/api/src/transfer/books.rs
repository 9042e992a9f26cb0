//! Imports and exports of the catalogue.

use actix_web::HttpResponse;
use bookshelf_application::Error;
use bookshelf_application::transfer::{
    BookExport, BookImport, Charset, Format, ImportOutcome, Rows, RowsError,
};
use tokio::runtime::Handle;

use super::format;
use super::progress::{Content, EndedEarly, bad_header, dry_run_message, exported, log, pieces};
use super::view::ImportView;
use crate::http::{ApiError, Arriving, Body, Slot, download, ok, ok_with_message};

/// The result of reading a file.
#[derive(Default)]
struct Report {
    outcome: ImportOutcome,
    ignored_columns: Vec<String>,
    failure: Option<Error>,
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
        if let Ok(report) = &report {
            log(Content::Books, &report.outcome, dry_run);
        }
        drop(slot);
        report
    };
    let (report, cut) = body.read_file(u64::MAX, work).await?;
    let Report { outcome, ignored_columns, failure } = report?;
    let view = ImportView::new(&outcome, &ignored_columns);
    // A failure comes first: the rest of the body was not read because of it.
    if let Some(why) = failure.map(EndedEarly::Failed).or(cut.map(EndedEarly::Cut)) {
        return Err(why.with_report(&view));
    }
    Ok(if dry_run { ok_with_message(view, dry_run_message(&outcome)) } else { ok(view) })
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
    let failure = write(&mut rows, &mut import, runtime).err();
    let outcome = import.into_outcome();
    Ok(Report { outcome, ignored_columns: rows.unknown_columns().to_vec(), failure })
}

fn write(
    rows: &mut Rows<Arriving>,
    import: &mut BookImport,
    runtime: &Handle,
) -> Result<(), Error> {
    // Reading fails only if the body was cut off, which the caller of `read` reports.
    while let Ok(Some(row)) = rows.next_row() {
        // The import counts and reports rejected rows itself.
        runtime.block_on(import.add(row))?;
    }
    runtime.block_on(import.finish())
}

/// Responds with the whole catalogue, which is read while it is sent.
pub(super) async fn export(
    export: BookExport,
    format: Format,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let pieces = pieces(export, slot, async |export: &mut BookExport| {
        Ok(export.next_piece().await?.map(|piece| exported(Content::Books, piece)))
    });
    let name = match format {
        Format::Csv => "books.csv",
        Format::Ndjson => "books.ndjson",
    };
    Ok(download(format::media_type(format), name, pieces.await?))
}
