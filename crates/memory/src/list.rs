use std::cmp::Ordering;

use bookshelf_domain::{COUNT_LIMIT, Order, Position, SortKey, Start, Total};

/// Returns one page of `rows`, and whether more rows follow.
pub(crate) fn page<T>(
    rows: Vec<T>,
    position: impl Fn(&T) -> Position<T>,
    order: Order,
    start: &Start<T>,
    limit: u32,
) -> (Vec<T>, bool) {
    let mut rows: Vec<(Position<T>, T)> =
        rows.into_iter().map(|row| (position(&row), row)).collect();
    rows.sort_by(|(a, _), (b, _)| compare(a, b, order));
    let skipped = match start {
        Start::Offset(offset) => {
            usize::try_from(*offset).map_or(rows.len(), |offset| rows.len().min(offset))
        }
        Start::After(seen) => rows.partition_point(|(its, _)| compare(its, seen, order).is_le()),
    };
    let mut items: Vec<T> = rows.drain(skipped..).map(|(_, row)| row).collect();
    let limit = limit as usize;
    let has_next = items.len() > limit;
    items.truncate(limit);
    (items, has_next)
}

pub(crate) fn total(rows: usize, is_filtered: bool) -> Total {
    let rows = rows as u64;
    if is_filtered && rows > COUNT_LIMIT {
        Total { items: COUNT_LIMIT, exact: false }
    } else {
        Total { items: rows, exact: true }
    }
}

/// Compares by key, then by id in the same direction. Rows without a key come last in both
/// directions.
fn compare<T>(a: &Position<T>, b: &Position<T>, order: Order) -> Ordering {
    let keys = match (&a.key, &b.key) {
        (SortKey::Missing, SortKey::Missing) => Ordering::Equal,
        (SortKey::Missing, _) => return Ordering::Greater,
        (_, SortKey::Missing) => return Ordering::Less,
        (SortKey::Number(a), SortKey::Number(b)) => a.cmp(b),
        (SortKey::Text(a), SortKey::Text(b)) => a.cmp(b),
        (SortKey::Collated(a), SortKey::Collated(b)) => a.cmp(b),
        // The keys of one list are all of one kind, because its sort makes them.
        _ => Ordering::Equal,
    };
    let ascending = keys.then(a.id.cmp(&b.id));
    match order {
        Order::Ascending => ascending,
        Order::Descending => ascending.reverse(),
    }
}
