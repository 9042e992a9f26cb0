//! The columns of each program's files, by their plain names.

mod calibre;
mod goodreads;
mod hardcover;
mod librarything;
mod own;
mod storygraph;

use super::cells::{Cells, Header};
use super::reading_builder::ReadingBuilder;

pub(super) const OWN: Format = own::FORMAT;

/// The program that has written a reading history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Bookshelf,
    Goodreads,
    StoryGraph,
    LibraryThing,
    Hardcover,
    Calibre,
}

impl Origin {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bookshelf => "bookshelf",
            Self::Goodreads => "goodreads",
            Self::StoryGraph => "storygraph",
            Self::LibraryThing => "librarything",
            Self::Hardcover => "hardcover",
            Self::Calibre => "calibre",
        }
    }
}

/// How a program writes reading histories.
pub(super) struct Format {
    pub(super) origin: Origin,
    /// A header that has all these columns is of this program.
    known_by: &'static [&'static str],
    /// Columns that only repeat others. All that are not read are reported as ignored, but these.
    pub(super) repeated: &'static [&'static str],
    fill: fn(&Cells<'_>, &mut ReadingBuilder),
}

/// The most specific first.
static FORMATS: [Format; 6] = [
    goodreads::FORMAT,
    storygraph::FORMAT,
    librarything::FORMAT,
    hardcover::FORMAT,
    calibre::FORMAT,
    own::FORMAT,
];

impl Format {
    pub(super) fn of(header: &Header) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.known_by.iter().all(|name| header.has(name)))
    }

    pub(super) fn read(&self, row: &Cells<'_>) -> ReadingBuilder {
        let mut reading = ReadingBuilder::default();
        (self.fill)(row, &mut reading);
        reading
    }
}
