use actix_web::HttpRequest;
use bookshelf_domain::books::{ExpectedCover, SeenCover};
use bookshelf_domain::covers::CoverHash;

use super::image::THUMB;
use crate::books::TAGS;
use crate::http::{Accepted, ApiError, Precondition};

/// Reads `If-Match` or `If-None-Match`, which may have tags of the cover, in either size, and of its
/// book.
pub(super) fn precondition(request: &HttpRequest) -> Result<Precondition<SeenCover>, ApiError> {
    Precondition::with_tags(request, |tag| {
        let of_cover = CoverHash::parse(tag.strip_suffix(THUMB).unwrap_or(tag));
        of_cover.map(SeenCover::Cover).or_else(|| TAGS.version(tag).map(SeenCover::Book))
    })
}

impl Precondition<SeenCover> {
    /// The states of the book that the writer accepts.
    pub(super) fn expected_cover(&self) -> ExpectedCover {
        match &self.accepted {
            Accepted::All => ExpectedCover::Any,
            Accepted::Existing => ExpectedCover::Present,
            Accepted::Missing => ExpectedCover::Absent,
            Accepted::OneOf(seen) => ExpectedCover::OneOf(seen.clone()),
            Accepted::NoneOf(seen) => ExpectedCover::NoneOf(seen.clone()),
        }
    }
}
