use super::super::cells::Cells;
use super::super::dates::DateOrder;
use super::super::reading_builder::ReadingBuilder;

/// The program that has written a reading history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Bookshelf,
    Goodreads,
    BookWyrm,
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
            Self::BookWyrm => "bookwyrm",
            Self::StoryGraph => "storygraph",
            Self::LibraryThing => "librarything",
            Self::Hardcover => "hardcover",
            Self::Calibre => "calibre",
        }
    }
}

/// How a program writes reading histories.
pub(in super::super) struct Format {
    pub(in super::super) origin: Origin,
    /// A header that has all these columns is of this program.
    pub(super) known_by: &'static [&'static str],
    /// Columns that only repeat others, so they are not reported as ignored.
    pub(in super::super) repeated: &'static [&'static str],
    pub(super) fill: fn(&Cells<'_>, &mut ReadingBuilder),
}

impl Format {
    pub(in super::super) fn read(&self, row: &Cells<'_>, order: DateOrder) -> ReadingBuilder {
        let mut reading = ReadingBuilder::new(order);
        (self.fill)(row, &mut reading);
        reading
    }
}
