//! What the lists of both databases have in common.

use bookshelf_domain::books::{BookFilter, BookSort};

/// The column that a list is sorted by.
pub(crate) const fn key_of(sort: BookSort) -> &'static str {
    match sort {
        BookSort::Title => "title_folded",
        BookSort::Author => "author_folded",
        BookSort::Year => "year",
        BookSort::CreatedAt => "created_at",
        BookSort::Rating => "rating_hundredths",
    }
}

/// Whether a book may lack the key.
pub(crate) const fn can_miss(sort: BookSort) -> bool {
    matches!(sort, BookSort::Year | BookSort::Rating)
}

/// The range of years that a filter asks for.
pub(crate) fn years(filter: &BookFilter) -> Option<(i64, i64)> {
    let BookFilter { year, year_from, year_to, .. } = filter;
    if year.is_none() && year_from.is_none() && year_to.is_none() {
        return None;
    }
    let from = (*year).max(*year_from).unwrap_or(i32::MIN);
    let to = [*year, *year_to].into_iter().flatten().min().unwrap_or(i32::MAX);
    Some((from.into(), to.into()))
}

/// When a list changes from one plan to the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Up to this many matches are gathered and sorted. A walk along the index of the sort soon finds
    /// a page of more.
    pub(crate) few: u64,
    /// How many books a walk may test before it is given up, because the matches stand elsewhere.
    pub(crate) walk: u64,
}

/// At a million books, gathering this many costs about as much as walking to twenty of them.
pub(crate) const LIMITS: Limits = Limits { few: 5_000, walk: 20_000 };
