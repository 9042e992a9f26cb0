//! What imports and exports have in common.

use std::borrow::Cow;

use actix_web::web::Bytes;
use bookshelf_application::Error;
use bookshelf_application::transfer::ImportOutcome;
use bookshelf_domain::{Fault, FaultCode};
use bookshelf_metrics::{EXPORTED_ROWS, IMPORTED_ROWS, counter};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;

use crate::http::{ApiError, Cut, Reason, Slot};

const DRY_RUN: &str = "This was a dry run: nothing was written";

const ESTIMATE: &str = "This was a dry run: nothing was written. The file has more books than a dry \
    run remembers, so a book that occurs again may be counted twice";

/// What the report of a dry run says about itself.
pub(super) fn dry_run_message(outcome: &ImportOutcome) -> &'static str {
    if outcome.is_estimate { ESTIMATE } else { DRY_RUN }
}

/// The error of a file whose beginning cannot be read.
pub(super) fn bad_header(why: Cow<'static, str>) -> ApiError {
    Fault::new(FaultCode::Unreadable, why).of("body").into()
}

/// Why an import ended before the end of its file. The rows before are imported.
pub(super) enum EndedEarly {
    Cut(Cut),
    Failed(Error),
}

impl EndedEarly {
    /// The error of the import, with the report of the rows before.
    pub(super) fn with_report(self, report: &impl Serialize) -> ApiError {
        let rest = "the rows before were processed, see report; send the whole file again";
        let error = match self {
            Self::Cut(cut) => {
                let (reason, what) = match cut {
                    Cut::Disconnected => (Reason::BadRequest, "The body is incomplete"),
                    Cut::TooSlow => (Reason::BadRequest, "The body took too long to arrive"),
                    Cut::TooLarge => (Reason::PayloadTooLarge, "The body is too large"),
                    Cut::Overdue => (Reason::Unavailable, "The import took too long"),
                };
                ApiError::new(reason).message(format!("{what}; {rest}"))
            }
            Self::Failed(error) => {
                let error = ApiError::from(error);
                let what = error.text().to_owned();
                error.message(format!("{what}; {rest}"))
            }
        };
        match serde_json::to_value(report) {
            Ok(report) => error.report(report),
            Err(cause) => error.cause(cause),
        }
    }
}

/// What a file contains. Its text is a value of a label.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    Books,
    History,
}

impl Content {
    const fn name(self) -> &'static str {
        match self {
            Self::Books => "books",
            Self::History => "history",
        }
    }
}

/// Logs what an import did, and counts its rows. A client that is gone gets no report, so the log has
/// it in any case.
pub(super) fn log(content: Content, outcome: &ImportOutcome, dry_run: bool) {
    let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
    tracing::info!(created, updated, skipped, failed, dry_run, "imported");
    if dry_run {
        return;
    }
    let outcomes =
        [("created", created), ("updated", updated), ("skipped", skipped), ("failed", failed)];
    for (outcome, count) in outcomes {
        let rows = counter!(IMPORTED_ROWS.name, "content" => content.name(), "outcome" => outcome);
        rows.increment(*count);
    }
}

/// The text of a piece of an export, whose rows are counted.
pub(super) fn exported(content: Content, (piece, rows): (Vec<u8>, usize)) -> Bytes {
    counter!(EXPORTED_ROWS.name, "content" => content.name()).increment(rows as u64);
    piece.into()
}

/// The pieces of an export. Each is generated after the one before was sent. The first is generated
/// at once, because an error up to then can still be answered.
pub(super) async fn pieces<E: 'static>(
    mut export: E,
    slot: Slot,
    next: impl AsyncFn(&mut E) -> Result<Option<Bytes>, ApiError> + 'static,
) -> Result<impl Stream<Item = Result<Bytes, ApiError>>, ApiError> {
    let first = next(&mut export).await?;
    let rest = stream::try_unfold((export, next, slot), |(mut export, next, slot)| async move {
        Ok(next(&mut export).await?.map(|piece| (piece, (export, next, slot))))
    });
    Ok(stream::iter(first.map(Ok)).chain(rest))
}
