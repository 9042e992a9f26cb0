//! The parts that the search plans of both databases share.

use bookshelf_domain::COUNT_LIMIT;
use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};

use crate::paging::offset;

/// The column that a list is sorted by.
pub(crate) const fn key_of(sort: BookSort) -> &'static str {
    match sort {
        BookSort::Title => "title_sort",
        BookSort::Author => "author_sort",
        BookSort::Year => "year",
        BookSort::CreatedAt => "created_at",
        BookSort::Rating => "rating_hundredths",
    }
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

/// The limits at which a list changes its plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Up to this many matches are gathered and sorted. If there are more, a walk along the index
    /// of the sort finds a page soon.
    pub(crate) few: u64,
    /// The number of books that a walk may test. A walk that exceeds it is given up, because the
    /// matches are elsewhere.
    pub(crate) walk: u64,
}

impl Limits {
    /// The limits for a catalogue of so many books.
    ///
    /// Gathering looks up every match. A walk tests about `rows * books / matches` books until it has
    /// the rows of the page. Both cost about the same where the number of matches is the square root
    /// of `rows * books`.
    pub(crate) fn of(books: u64, query: &BookQuery) -> Self {
        let rows = offset(&query.start).unsigned_abs().saturating_add(query.limit.into());
        let few = rows.saturating_mul(books).isqrt().min(COUNT_LIMIT);
        Self { few, walk: few.saturating_mul(4) }
    }

    /// The number of books that a walk to this page may test. It includes books that the page skips.
    pub(crate) fn walk_budget(self, query: &BookQuery) -> u64 {
        self.walk.saturating_add(offset(&query.start).unsigned_abs().saturating_mul(4))
    }
}
