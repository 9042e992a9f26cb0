use crate::accounts::UserId;
use crate::books::SearchWords;
use crate::shelves::{Rating, ReadingStatus, ShelfEntry};
use crate::{Order, Position, SortKey, SortKeyType, Start};

/// The entries to list: those that meet every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ShelfFilter {
    pub status: Option<ReadingStatus>,
    pub rating: Option<Rating>,
    /// Words that are in the book's title or author.
    pub search: SearchWords,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShelfSort {
    AddedAt,
    Title,
    Author,
    /// The user's own rating.
    Rating,
    FinishedOn,
}

impl ShelfSort {
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
    pub user: UserId,
    pub filter: ShelfFilter,
    pub sort: ShelfSort,
    pub order: Order,
    pub start: Start<ShelfEntry>,
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
