//! What each program calls what.

mod calibre;
mod goodreads;
mod hardcover;
mod librarything;
mod own;
mod storygraph;

use super::cells::{Cells, Header};
use super::draft::Draft;

/// Where a reading history comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Bookshelf,
    Goodreads,
    StoryGraph,
    LibraryThing,
    Hardcover,
    Calibre,
}

/// How a program writes its histories. Columns are named by their plain names.
struct Format {
    origin: Origin,
    /// The columns by which it is known.
    known_by: &'static [&'static str],
    /// Those that are read, and those that only repeat them.
    takes: &'static [&'static str],
    read: fn(&Cells<'_>, &mut Draft),
}

/// The most telling first.
const FORMATS: [Format; 6] = [
    goodreads::FORMAT,
    storygraph::FORMAT,
    librarything::FORMAT,
    hardcover::FORMAT,
    calibre::FORMAT,
    own::FORMAT,
];

impl Origin {
    /// The origin of a file with this header.
    pub(super) fn of(header: &Header) -> Option<Self> {
        let is_known = |format: &&Format| format.known_by.iter().all(|name| header.has(name));
        FORMATS.iter().find(is_known).map(|format| format.origin)
    }

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

    pub(super) fn takes(self) -> &'static [&'static str] {
        self.format().takes
    }

    pub(super) fn read(self, row: &Cells<'_>) -> Draft {
        let mut draft = Draft::default();
        (self.format().read)(row, &mut draft);
        draft
    }

    const fn format(self) -> &'static Format {
        match self {
            Self::Bookshelf => &own::FORMAT,
            Self::Goodreads => &goodreads::FORMAT,
            Self::StoryGraph => &storygraph::FORMAT,
            Self::LibraryThing => &librarything::FORMAT,
            Self::Hardcover => &hardcover::FORMAT,
            Self::Calibre => &calibre::FORMAT,
        }
    }
}
