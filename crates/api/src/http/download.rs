//! Answers that are files: made while they are sent, in constant memory.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream;
use futures_util::{Stream, TryStreamExt};

use super::ApiError;
use super::error::chain;

/// As much is handed over at once, so that a slow client is seen to make progress.
const LARGEST_CHUNK: usize = 64 * 1024;

/// 200 with a file that browsers save under this name.
///
/// An error in the middle ends the connection: a file that is short must not look whole. So the
/// first piece should have been made before.
pub(crate) fn download(
    media_type: &'static str,
    name: &'static str,
    pieces: impl Stream<Item = Result<Bytes, ApiError>> + 'static,
) -> HttpResponse {
    let chunks = pieces.map_ok(|piece| stream::iter(chunks(piece).map(Ok))).try_flatten();
    let body = chunks.inspect_err(move |error: &ApiError| {
        let cause = error.cause.as_ref().map_or_else(|| error.to_string(), |cause| chain(&**cause));
        tracing::error!(cause, name, "a download broke off");
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(body)
}

fn chunks(mut piece: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let chunk = piece.split_to(piece.len().min(LARGEST_CHUNK));
        (!chunk.is_empty()).then_some(chunk)
    })
}
