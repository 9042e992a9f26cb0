use actix_web::HttpRequest;
use bookshelf_application::transfer::{Charset, Format};
use bookshelf_domain::{Fault, FaultCode};

use crate::http::{Accept, ApiError, MediaType, Reason};

const CSV: &str = "text/csv";
const TSV: &str = "text/tab-separated-values";
const NDJSON: &str = "application/x-ndjson";

/// The format and the encoding that a file of books is declared to have.
pub(super) fn of_books(
    media_type: &MediaType,
    named: Option<Charset>,
) -> Result<(Format, Option<Charset>), ApiError> {
    let format = match media_type.one_of(&[CSV, NDJSON])? {
        NDJSON => Format::Ndjson,
        _ => Format::Csv,
    };
    Ok((format, charset(media_type, named)?))
}

/// The encoding that a reading history is declared to have. Its format is recognised by the file
/// itself.
pub(super) fn of_history(
    media_type: &MediaType,
    named: Option<Charset>,
) -> Result<Option<Charset>, ApiError> {
    media_type.one_of(&[CSV, TSV, NDJSON])?;
    charset(media_type, named)
}

/// The encoding of a body, which the query may name as well as `Content-Type`.
fn charset(media_type: &MediaType, named: Option<Charset>) -> Result<Option<Charset>, ApiError> {
    let Some(label) = media_type.charset() else { return Ok(named) };
    let declared: Charset = label.parse().map_err(|why| {
        ApiError::new(Reason::UnsupportedMediaType)
            .message(format!("The charset in Content-Type {why}"))
    })?;
    if named.is_some_and(|named| named != declared) {
        let sentence = format!("must not differ from the charset in Content-Type, {label}");
        return Err(Fault::new(FaultCode::Conflict, sentence).of("charset").into());
    }
    Ok(Some(declared))
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
