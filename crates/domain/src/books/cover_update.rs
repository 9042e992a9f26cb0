use crate::books::{Book, BookId};
use crate::covers::{CoverHash, CoverName};
use crate::{Timestamp, Version};

/// A new cover of a book, or `None` to remove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverUpdate {
    /// The book.
    pub id: BookId,
    /// What the writer has seen.
    pub expected: ExpectedCover,
    /// The new cover, or none.
    pub cover: Option<CoverName>,
    /// The time of the change.
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
    /// The writer has seen one of these.
    OneOf(Vec<SeenCover>),
    /// In any state but these.
    NoneOf(Vec<SeenCover>),
}

/// What a writer of a cover has seen: the cover itself, or the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenCover {
    /// The cover with this digest.
    Cover(CoverHash),
    /// This version of the book.
    Book(Version),
}

impl ExpectedCover {
    /// Returns whether the book is in a state that the writer expects.
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
