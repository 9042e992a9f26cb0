use actix_web::HttpRequest;
use bookshelf_application::transfer::{Charset, Format};

use crate::http::{Accept, ApiError, MediaType};

const CSV: &str = "text/csv";
const TSV: &str = "text/tab-separated-values";
const NDJSON: &str = "application/x-ndjson";

/// The format that a body is declared to have. The query parameter `charset` overrides that of
/// `Content-Type`.
pub(super) fn declared(
    media_type: &MediaType,
    charset: Option<Charset>,
) -> Result<Format, ApiError> {
    let format = match media_type.one_of(&[CSV, NDJSON])? {
        NDJSON => Format::Ndjson,
        _ => Format::Csv,
    };
    if charset.is_none() {
        media_type.check_charset()?;
    }
    Ok(format)
}

/// Checks whether a body can be a reading history. Its format is recognised by the file itself.
pub(super) fn check_history(media_type: &MediaType) -> Result<(), ApiError> {
    media_type.one_of(&[CSV, TSV, NDJSON]).map(drop)
}

/// The format that the client prefers, or CSV if it has no preference.
pub(super) fn preferred(request: &HttpRequest) -> Format {
    match Accept::of(request.headers()) {
        Some(accept) if accept.quality(NDJSON) > accept.quality(CSV) => Format::Ndjson,
        _ => Format::Csv,
    }
}

pub(super) const fn media_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Ndjson => NDJSON,
    }
}
