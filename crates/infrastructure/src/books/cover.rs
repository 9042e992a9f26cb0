use bookshelf_domain::books::{Book, BookError, CoverUpdate};
use bookshelf_domain::covers::CoverName;

use super::row::BookRow;

/// The book after a change of its cover, and whether anything changed.
pub(crate) fn changed(row: BookRow, update: &CoverUpdate) -> Result<(Book, bool), BookError> {
    let mut book = row.into_book()?;
    if !update.expected.allows(&book) {
        return Err(BookError::Stale);
    }
    let hash = |name: CoverName| name.hash;
    match (book.cover, update.cover) {
        (None, None) => return Err(BookError::NoCover),
        (old, new) if old.map(hash) == new.map(hash) => return Ok((book, false)),
        (_, new) => book.cover = new,
    }
    book.version = book.version.next();
    book.updated_at = update.at;
    Ok((book, true))
}
