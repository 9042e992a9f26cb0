//! The catalogue in and out.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use bookshelf_application::transfer::{
    BookExport, BookImport, Format, ImportOutcome, Rows, RowsError,
};
use bookshelf_domain::Fault;
use futures_util::stream::{self, StreamExt};
use tokio::runtime::Handle;

use super::format;
use super::view::ImportView;
use crate::http::{ApiError, Arriving, Cut, Reason, Slot, Upload, download, ok, ok_saying};

/// What came of reading a file.
struct Report {
    outcome: ImportOutcome,
    ignored_columns: Vec<String>,
}

/// Reads books from a body and answers what became of them. Whatever came before a body was cut off
/// is kept.
pub(super) async fn import(
    upload: Upload,
    format: Format,
    import: BookImport,
    dry_run: bool,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let runtime = Handle::current();
    let work = move |body| {
        let report = read(body, format, import, &runtime);
        drop(slot);
        report
    };
    let (report, cut) = upload.read(u64::MAX, work).await?;
    let Report { outcome, ignored_columns } = report?;
    if let Some(cut) = cut {
        return Err(cut_off(cut, &outcome));
    }
    let view = ImportView::new(&outcome, &ignored_columns);
    Ok(if dry_run { ok_saying(view, "This was a dry run: nothing was written") } else { ok(view) })
}

fn read(
    body: Arriving,
    format: Format,
    mut import: BookImport,
    runtime: &Handle,
) -> Result<Report, ApiError> {
    let mut rows = match Rows::open(body, format) {
        Ok(rows) => rows,
        Err(RowsError::Header(why)) => return Err(bad_header(why)),
        Err(RowsError::Read(_)) => {
            return Ok(Report { outcome: ImportOutcome::default(), ignored_columns: Vec::new() });
        }
    };
    // Only a body that was cut off cannot be read, and whoever sent it is told so.
    while let Ok(Some(row)) = rows.next_row() {
        // A bad row is counted and told by the import.
        let _: Result<(), _> = runtime.block_on(import.add(row))?;
    }
    let outcome = runtime.block_on(import.finish())?;
    Ok(Report { outcome, ignored_columns: rows.unknown_columns().to_vec() })
}

fn bad_header(why: &str) -> ApiError {
    Fault::new(why).of("body").into()
}

fn cut_off(cut: Cut, outcome: &ImportOutcome) -> ApiError {
    let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
    let (reason, what) = match cut {
        Cut::BrokenOff => (Reason::BadRequest, "The body broke off"),
        Cut::TooSlow => (Reason::BadRequest, "The body took too long to arrive"),
        Cut::TooLarge => (Reason::PayloadTooLarge, "The body is too large"),
    };
    let before = format!(
        "the rows before are imported ({created} created, {updated} updated, {skipped} skipped, \
         {failed} failed), and the file can simply be sent again"
    );
    ApiError::new(reason).message(format!("{what}; {before}"))
}

/// Answers with the whole catalogue, read as it is sent.
pub(super) async fn export(
    mut export: BookExport,
    format: Format,
    slot: Slot,
) -> Result<HttpResponse, ApiError> {
    let first = next(&mut export).await?;
    let rest = stream::try_unfold((export, slot), |(mut export, slot)| async move {
        Ok(next(&mut export).await?.map(|piece| (piece, (export, slot))))
    });
    let pieces = stream::iter(first.map(Ok)).chain(rest);
    let name = match format {
        Format::Csv => "books.csv",
        Format::Ndjson => "books.ndjson",
    };
    Ok(download(format::media_type(format), name, pieces))
}

async fn next(export: &mut BookExport) -> Result<Option<Bytes>, ApiError> {
    Ok(export.next_piece().await?.map(|(piece, _)| piece.into()))
}
