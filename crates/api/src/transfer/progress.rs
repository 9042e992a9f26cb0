//! What imports and exports have in common.

use std::borrow::Cow;

use actix_web::web::Bytes;
use bookshelf_application::transfer::ImportOutcome;
use bookshelf_domain::{Fault, FaultCode};
use futures_util::stream::{self, Stream, StreamExt};

use crate::http::{ApiError, Cut, Reason, Slot};

pub(super) const DRY_RUN: &str = "This was a dry run: nothing was written";

/// The error of a file whose beginning cannot be read.
pub(super) fn bad_header(why: Cow<'static, str>) -> ApiError {
    Fault::new(FaultCode::Unreadable, why).of("body").into()
}

/// The error of an incomplete body, of which the rows before the cut are imported.
pub(super) fn cut_off(cut: Cut, outcome: &ImportOutcome) -> ApiError {
    let ImportOutcome { created, updated, skipped, failed, .. } = outcome;
    let (reason, what) = match cut {
        Cut::Disconnected => (Reason::BadRequest, "The body is incomplete"),
        Cut::TooSlow => (Reason::BadRequest, "The body took too long to arrive"),
        Cut::TooLarge => (Reason::PayloadTooLarge, "The body is too large"),
    };
    let before = format!(
        "the rows before were processed ({created} created, {updated} updated, {skipped} skipped, \
         {failed} failed); send the whole file again"
    );
    ApiError::new(reason).message(format!("{what}; {before}"))
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
