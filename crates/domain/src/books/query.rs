use crate::books::{Book, Isbn, SearchWords};
use crate::{Order, Position, SearchText, SortKey, SortKeyType, Start};

/// The books to list: those that meet every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookFilter {
    /// A part of the title.
    pub title: Option<SearchText>,
    /// A part of the author.
    pub author: Option<SearchText>,
    /// Words that are in the title, the author or the ISBN.
    pub search: SearchWords,
    /// The whole genre.
    pub genre: Option<SearchText>,
    /// Only books of this year.
    pub year: Option<i32>,
    /// Only books of this year and later ones.
    pub year_from: Option<i32>,
    /// Only books of this year and earlier ones.
    pub year_to: Option<i32>,
    /// Only the book with this ISBN.
    pub isbn: Option<Isbn>,
}

/// The key by which books are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookSort {
    /// The title, by its [`CollationKey`](crate::CollationKey).
    Title,
    /// The author, by its [`CollationKey`](crate::CollationKey).
    Author,
    /// The year of publication.
    Year,
    /// The time of the creation.
    CreatedAt,
    /// The average rating.
    Rating,
}

impl BookSort {
    /// Returns the type of the key.
    pub const fn key_type(self) -> SortKeyType {
        match self {
            Self::Title | Self::Author => SortKeyType::Collated,
            Self::CreatedAt => SortKeyType::Number,
            Self::Year | Self::Rating => SortKeyType::OptionalNumber,
        }
    }

    /// The position of a book in a list that is sorted this way.
    pub fn position(self, book: &Book) -> Position<Book> {
        let key = match self {
            Self::Title => SortKey::collated(book.fields.title.as_str()),
            Self::Author => SortKey::collated(book.fields.author.as_str()),
            Self::Year => SortKey::optional(book.fields.year.map(|year| year.get().into())),
            Self::CreatedAt => SortKey::Number(book.created_at.timestamp_micros()),
            Self::Rating => SortKey::optional(book.rating.hundredths()),
        };
        Position { key, id: book.id }
    }
}

/// One page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookQuery {
    /// Which books.
    pub filter: BookFilter,
    /// The key of the order.
    pub sort: BookSort,
    /// The direction of the order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start<Book>,
    /// How many books the page has at most.
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
