use crate::books::{Isbn, Year};
use crate::covers::CoverName;
use crate::{Change, Id, Line, Prose, Timestamp, Version};

pub type BookId = Id<Book>;
pub type Title = Line<200>;
pub type Author = Line<200>;
pub type Genre = Line<50>;
pub type Description = Prose<2000>;

/// A book of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Book {
    pub id: BookId,
    pub fields: BookFields,
    pub rating: RatingSummary,
    pub cover: Option<CoverName>,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The fields of a book that users write, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BookFields {
    pub title: Title,
    pub author: Author,
    pub isbn: Option<Isbn>,
    pub genre: Option<Genre>,
    pub year: Option<Year>,
    pub description: Option<Description>,
}

impl BookFields {
    /// The genre that is shown and searched for a book without one.
    pub const DEFAULT_GENRE: &'static str = "Unknown";

    pub fn genre(&self) -> &str {
        self.genre.as_ref().map_or(Self::DEFAULT_GENRE, Line::as_str)
    }
}

/// The change of some fields, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookPatch {
    pub title: Option<Title>,
    pub author: Option<Author>,
    pub isbn: Change<Isbn>,
    pub genre: Change<Genre>,
    pub year: Change<Year>,
    pub description: Change<Description>,
}

impl BookPatch {
    /// The fields after the change.
    #[must_use]
    pub fn apply(self, to: &BookFields) -> BookFields {
        // Destructured, so that the compiler asks for a field that is added later.
        let Self { title, author, isbn, genre, year, description } = self;
        let mut fields = to.clone();
        fields.title = title.unwrap_or(fields.title);
        fields.author = author.unwrap_or(fields.author);
        isbn.apply(&mut fields.isbn);
        genre.apply(&mut fields.genre);
        // A book without a genre shows the default one. A client that sends back what it was shown
        // changes nothing.
        if fields.genre() == to.genre() {
            fields.genre.clone_from(&to.genre);
        }
        year.apply(&mut fields.year);
        description.apply(&mut fields.description);
        fields
    }
}

/// The patch after which a book has exactly these fields.
impl From<BookFields> for BookPatch {
    fn from(fields: BookFields) -> Self {
        Self {
            title: Some(fields.title),
            author: Some(fields.author),
            isbn: fields.isbn.into(),
            genre: fields.genre.into(),
            year: fields.year.into(),
            description: fields.description.into(),
        }
    }
}

/// The ratings of a book on all shelves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RatingSummary {
    pub sum: i64,
    pub count: i64,
}

impl RatingSummary {
    /// The average in hundredths of a star, rounded half up. `None` without ratings.
    pub const fn hundredths(self) -> Option<i64> {
        if self.count == 0 {
            return None;
        }
        Some((self.sum * 200 + self.count) / (self.count * 2))
    }
}
