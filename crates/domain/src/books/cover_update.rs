use crate::books::{Book, BookId};
use crate::covers::{CoverHash, CoverName};
use crate::{Timestamp, Version};

/// A new cover of a book, or `None` to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverUpdate {
    pub id: BookId,
    pub expected: ExpectedCover,
    pub cover: Option<CoverName>,
    pub at: Timestamp,
}

/// The states of a book that the writer of its cover accepts as the current one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ExpectedCover {
    /// With any cover, or none.
    #[default]
    Any,
    /// With any cover.
    Present,
    /// Without a cover.
    Absent,
    OneOf(Vec<SeenCover>),
    /// In any state but these.
    NoneOf(Vec<SeenCover>),
}

/// What a writer of a cover has seen: the cover itself, or the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenCover {
    Cover(CoverHash),
    Book(Version),
}

impl ExpectedCover {
    pub fn allows(&self, book: &Book) -> bool {
        match self {
            Self::Any => true,
            Self::Present => book.cover.is_some(),
            Self::Absent => book.cover.is_none(),
            Self::OneOf(seen) => seen.iter().any(|seen| seen.is_current(book)),
            Self::NoneOf(seen) => !seen.iter().any(|seen| seen.is_current(book)),
        }
    }
}

impl SeenCover {
    fn is_current(self, book: &Book) -> bool {
        match self {
            Self::Cover(hash) => book.cover.is_some_and(|cover| cover.hash == hash),
            Self::Book(version) => book.version == version,
        }
    }
}
