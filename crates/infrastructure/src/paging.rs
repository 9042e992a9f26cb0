//! What the lists of every table and every database have in common.

use bookshelf_domain::{COUNT_LIMIT, Order, Total};

/// So many matches are looked for, to know whether there are more than are counted.
pub(crate) const COUNTED: i64 = COUNT_LIMIT as i64 + 1;

/// The total of a filtered list of which so many matches were found.
pub(crate) fn capped(found: u64) -> Total {
    Total { items: found.min(COUNT_LIMIT), exact: found <= COUNT_LIMIT }
}

/// The words of SQL for an order: what is further on, and which way.
pub(crate) const fn direction(order: Order) -> (&'static str, &'static str) {
    match order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    }
}

/// A number as databases take it for a limit or an offset.
pub(crate) fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
