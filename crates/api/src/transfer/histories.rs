//! Imports and exports of the caller's shelf.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use bookshelf_application::Error;
use bookshelf_application::transfer::histories::{
    HistoryExport, HistoryFormat, HistoryImport, HistoryOutcome, HistoryRows, Origin,
};
use bookshelf_application::transfer::{Charset, Format, ImportOutcome, RowsError};
use tokio::runtime::Handle;

use super::format;
use super::progress::{Content, EndedEarly, bad_header, dry_run_message, exported, log, pieces};
use super::view::{HistoryView, ImportView};
use crate::http::{ApiError, Arriving, Body, Cut, Slot, download, ok, ok_with_message};

/// The largest size of a history, which is enough for some hundred thousand books.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The result of reading a file.
struct Report {
    origin: Origin,
    outcome: HistoryOutcome,
    ignored: BTreeMap<String, u64>,
    failure: Option<Error>,
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
        if let Ok(Some(report)) = &report {
            log(Content::History, &report.outcome.rows, dry_run);
        }
        drop(slot);
        report
    };
    let (report, cut) = body.read_file(LARGEST, work).await?;
    let Some(Report { origin, outcome, ignored, failure }) = report? else {
        let nothing = ImportOutcome::default();
        let why = EndedEarly::Cut(cut.unwrap_or(Cut::Disconnected));
        return Err(why.with_report(&ImportView::new(&nothing, &[])));
    };
    let view = HistoryView::new(origin, &outcome, &ignored);
    // A failure comes first: the rest of the body was not read because of it.
    if let Some(why) = failure.map(EndedEarly::Failed).or(cut.map(EndedEarly::Cut)) {
        return Err(why.with_report(&view));
    }
    Ok(if dry_run { ok_with_message(view, dry_run_message(&outcome.rows)) } else { ok(view) })
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
    let failure = write(&mut rows, &mut import, runtime).err();
    let (origin, ignored) = (rows.origin(), rows.ignored_columns().clone());
    Ok(Some(Report { origin, outcome: import.into_outcome(), ignored, failure }))
}

fn write(
    rows: &mut HistoryRows<Arriving>,
    import: &mut HistoryImport,
    runtime: &Handle,
) -> Result<(), Error> {
    // Reading fails only if the body was cut off, which the caller of `read` reports.
    while let Ok(Some(row)) = rows.next_row() {
        runtime.block_on(import.add(row))?;
    }
    runtime.block_on(import.finish())
}

/// Responds with the whole shelf, which is read while it is sent.
pub(super) async fn export(
    export: HistoryExport,
    format: HistoryFormat,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let pieces = pieces(export, slot, async |export: &mut HistoryExport| {
        Ok(export.next_piece().await?.map(|piece| exported(Content::History, piece)))
    });
    let (written, name) = match format {
        HistoryFormat::Own(Format::Csv) => (Format::Csv, "shelf.csv"),
        HistoryFormat::Own(Format::Ndjson) => (Format::Ndjson, "shelf.ndjson"),
        HistoryFormat::Goodreads => (Format::Csv, "goodreads_library_export.csv"),
    };
    Ok(download(format::media_type(written), name, pieces.await?))
}
