//! Imports and exports of the caller's shelf.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use bookshelf_application::transfer::histories::{
    HistoryExport, HistoryFormat, HistoryImport, HistoryOutcome, HistoryRows, Origin,
};
use bookshelf_application::transfer::{Charset, Format, RowsError};
use tokio::runtime::Handle;

use super::format;
use super::progress::{DRY_RUN, bad_header, cut_off, pieces};
use super::view::HistoryView;
use crate::http::{ApiError, Arriving, Body, Cut, Slot, download, ok, ok_with_message};

/// The largest size of a history, which is enough for some hundred thousand books.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The result of reading a file.
struct Report {
    origin: Origin,
    outcome: HistoryOutcome,
    ignored: BTreeMap<String, u64>,
}

/// Imports a history from a body and responds with the report. If the body is cut off, the rows
/// before are kept.
pub(super) async fn import(
    body: Body,
    charset: Option<Charset>,
    import: HistoryImport,
    dry_run: bool,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let runtime = Handle::current();
    let work = move |body| {
        let report = read(body, charset, import, &runtime);
        drop(slot);
        report
    };
    let (report, cut) = body.read_file(LARGEST, work).await?;
    let report = report?;
    match (cut, report) {
        (None, Some(Report { origin, outcome, ignored })) => {
            let view = HistoryView::new(origin, &outcome, &ignored);
            Ok(if dry_run { ok_with_message(view, DRY_RUN) } else { ok(view) })
        }
        (cut, report) => {
            let outcome = report.map(|report| report.outcome).unwrap_or_default();
            Err(cut_off(cut.unwrap_or(Cut::Disconnected), &outcome.rows))
        }
    }
}

/// Returns `None` if the body was cut off before its header was read.
fn read(
    body: Arriving,
    charset: Option<Charset>,
    mut import: HistoryImport,
    runtime: &Handle,
) -> Result<Option<Report>, ApiError> {
    let mut rows = match HistoryRows::open(body, charset) {
        Ok(rows) => rows,
        Err(RowsError::Header(why)) => return Err(bad_header(why)),
        Err(RowsError::Read(_)) => return Ok(None),
    };
    // Reading fails only if the body was cut off, which the caller of this function reports.
    while let Ok(Some(row)) = rows.next_row() {
        runtime.block_on(import.add(row))?;
    }
    let outcome = runtime.block_on(import.finish())?;
    Ok(Some(Report { origin: rows.origin(), outcome, ignored: rows.ignored_columns().clone() }))
}

/// Responds with the whole shelf, which is read while it is sent.
pub(super) async fn export(
    export: HistoryExport,
    format: HistoryFormat,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let pieces = pieces(export, slot, async |export: &mut HistoryExport| {
        Ok(export.next_piece().await?.map(Into::into))
    });
    let (written, name) = match format {
        HistoryFormat::Own(Format::Csv) => (Format::Csv, "shelf.csv"),
        HistoryFormat::Own(Format::Ndjson) => (Format::Ndjson, "shelf.ndjson"),
        HistoryFormat::Goodreads => (Format::Csv, "goodreads_library_export.csv"),
    };
    Ok(download(format::media_type(written), name, pieces.await?))
}
