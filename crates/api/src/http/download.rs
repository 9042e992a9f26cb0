//! Responses that are files. They are generated while they are sent, in constant memory.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream;
use futures_util::{Stream, TryStreamExt};

use super::ApiError;
use bookshelf_domain::error_chain;

/// The size of the chunks that are sent. They are small, so that the connection's watchdog sees the
/// progress of a slow client.
const LARGEST_CHUNK: usize = 64 * 1024;

/// 200 with a file that browsers save under this name.
///
/// An error in a later piece closes the connection, because a truncated file must not look
/// complete. The caller should generate the first piece beforehand, because an error up to then can
/// still be answered.
pub(crate) fn download(
    media_type: &'static str,
    name: &'static str,
    pieces: impl Stream<Item = Result<Bytes, ApiError>> + 'static,
) -> HttpResponse {
    let chunks = pieces.map_ok(|piece| stream::iter(chunks(piece).map(Ok))).try_flatten();
    let body = chunks.inspect_err(move |error: &ApiError| {
        let cause =
            error.cause.as_ref().map_or_else(|| error.to_string(), |cause| error_chain(&**cause));
        tracing::error!(cause, name, "a download failed");
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
