use crate::accounts::UserId;
use crate::books::SearchWords;
use crate::shelves::{Rating, ReadingStatus, ShelfEntry};
use crate::{Order, Position, SortKey, SortKeyType, Start};

/// The entries to list: those that meet every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShelfFilter {
    /// Only entries of this status.
    pub status: Option<ReadingStatus>,
    /// Only entries with this rating.
    pub rating: Option<Rating>,
    /// Words that are in the book's title or author.
    pub search: SearchWords,
}

/// The key by which shelf entries are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShelfSort {
    /// The time at which the book was put on the shelf.
    AddedAt,
    /// The title of the book, by its [`CollationKey`](crate::CollationKey).
    Title,
    /// The author of the book, by its [`CollationKey`](crate::CollationKey).
    Author,
    /// The user's own rating.
    Rating,
    /// The last day of reading.
    FinishedOn,
}

impl ShelfSort {
    /// Returns the type of the key.
    pub const fn key_type(self) -> SortKeyType {
        match self {
            Self::Title | Self::Author => SortKeyType::Collated,
            Self::AddedAt => SortKeyType::Number,
            Self::Rating | Self::FinishedOn => SortKeyType::OptionalNumber,
        }
    }

    /// The position of an entry in a list that is sorted this way. The key of a day is the number of
    /// days since 1970-01-01.
    pub fn position(self, entry: &ShelfEntry) -> Position<ShelfEntry> {
        let key = match self {
            Self::AddedAt => SortKey::Number(entry.added_at.timestamp_micros()),
            Self::Title => SortKey::collated(entry.book.fields.title.as_str()),
            Self::Author => SortKey::collated(entry.book.fields.author.as_str()),
            Self::Rating => {
                SortKey::optional(entry.fields.rating.map(|rating| rating.get().into()))
            }
            Self::FinishedOn => {
                let day = entry.fields.finished_on;
                SortKey::optional(day.map(|day| day.get().to_epoch_days().into()))
            }
        };
        Position { key, id: entry.id }
    }
}

/// One page of a user's shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfQuery {
    /// The user whose shelf it is.
    pub user: UserId,
    /// Which entries.
    pub filter: ShelfFilter,
    /// The key of the order.
    pub sort: ShelfSort,
    /// The direction of the order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start<ShelfEntry>,
    /// How many entries the page has at most.
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
