//! Helpers for the lists of every table and every database.

use bookshelf_domain::{COUNT_LIMIT, Listing, Order, Start, Total};

/// The number of matches to look for: one more than is counted, to learn whether there are more.
pub(crate) const COUNTED: i64 = COUNT_LIMIT as i64 + 1;

/// The total of a filtered list in which this many matches were found.
pub(crate) fn capped(found: u64) -> Total {
    Total { items: found.min(COUNT_LIMIT), exact: found <= COUNT_LIMIT }
}

/// The number of rows to read for a page: one more, to learn whether another page follows.
pub(crate) fn one_more(limit: u32) -> i64 {
    i64::from(limit) + 1
}

/// The page made of the rows that were read with [`one_more`].
pub(crate) fn page_of<T>(mut rows: Vec<T>, limit: u32, total: Option<Total>) -> Listing<T> {
    let limit = limit as usize;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    Listing { items: rows, has_next, total }
}

/// The number of rows that a list skips.
pub(crate) fn offset<T>(start: &Start<T>) -> i64 {
    match start {
        Start::Offset(offset) => clamp(*offset),
        Start::After(_) => 0,
    }
}

/// The SQL for an order: the operator for "comes later", and the direction.
pub(crate) const fn direction(order: Order) -> (&'static str, &'static str) {
    match order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    }
}

/// A number in the type that databases take for a limit or an offset.
pub(crate) fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
