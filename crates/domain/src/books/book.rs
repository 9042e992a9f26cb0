use crate::books::{Isbn, Year};
use crate::covers::CoverName;
use crate::{Change, Id, Line, Prose, Timestamp, Version};

/// The id of a book.
pub type BookId = Id<Book>;
/// The title of a book, 1 to 200 characters.
pub type Title = Line<200>;
/// The author of a book, 1 to 200 characters.
pub type Author = Line<200>;
/// The genre of a book, 1 to 50 characters.
pub type Genre = Line<50>;
/// The description of a book, 1 to 2,000 characters.
pub type Description = Prose<2000>;

/// A book of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Book {
    /// The id.
    pub id: BookId,
    /// What the catalogue says about the book.
    pub fields: BookFields,
    /// The ratings of all readers.
    pub rating: RatingSummary,
    /// The cover, if there is one.
    pub cover: Option<CoverName>,
    /// The version, which every change of the book or its cover increments.
    pub version: Version,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// The fields of a book that users write, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BookFields {
    /// The title.
    pub title: Title,
    /// The author, as one line for display.
    pub author: Author,
    /// The ISBN, which no other book has.
    pub isbn: Option<Isbn>,
    /// The genre, if one is given.
    pub genre: Option<Genre>,
    /// The year of publication.
    pub year: Option<Year>,
    /// The description.
    pub description: Option<Description>,
}

impl BookFields {
    /// The genre that is shown and searched for a book without one.
    pub const DEFAULT_GENRE: &'static str = "Unknown";

    /// Returns the genre, or [`Self::DEFAULT_GENRE`] if none is given.
    pub fn genre(&self) -> &str {
        self.genre.as_ref().map_or(Self::DEFAULT_GENRE, Line::as_str)
    }
}

/// The change of some fields, checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookPatch {
    /// The new title, if it changes.
    pub title: Option<Title>,
    /// The new author, if it changes.
    pub author: Option<Author>,
    /// The ISBN.
    pub isbn: Change<Isbn>,
    /// The genre.
    pub genre: Change<Genre>,
    /// The year of publication.
    pub year: Change<Year>,
    /// The description.
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
    /// The sum of all ratings, in stars.
    pub sum: i64,
    /// The number of ratings.
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
