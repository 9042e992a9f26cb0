use bookshelf_domain::books::{BookQuery, BookSort};
use bookshelf_domain::{Order, Position, SortKey, Start};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::books::order::{key_of, years};
use crate::paging::direction;
use crate::schema::books;
use crate::sql::sql;
use crate::sqlite::adapters::books::filter::{BookCondition, Books, compare};

/// Queries whose results, one after the other, are the books from the start of the page on. Each
/// query reads along the index of the sort. They apply no filter, except that of the years when the
/// sort is by year.
///
/// SQLite can start in an index at a key and an id only when the key is a constant. So after a
/// position there are up to three segments: the rest of the books with the same key, the books with
/// later keys, and the books without a key.
pub(super) fn index_segments(query: &BookQuery) -> Vec<Books> {
    let key = key_of(query.sort);
    let (further, way) = direction(query.order);
    let range = years(&query.filter).filter(|_| query.sort == BookSort::Year);
    let is_optional = query.sort.key_type().is_optional();
    let by_key = || forwards(query);
    let by_id = |condition: BookCondition| {
        let some = books::table.filter(condition).into_boxed();
        some.order(sql::<Text>(format!("id {way}")))
    };
    let between = |books: Books, from: i64, to: i64| {
        let books = books.filter(compare(key, ">=", &SortKey::Number(from)));
        books.filter(compare(key, "<=", &SortKey::Number(to)))
    };
    let missing = || by_id(Box::new(sql(format!("{key} IS NULL"))));
    let beyond = |id: i64| compare("id", further, &SortKey::Number(id));
    match (&query.start, range) {
        (Start::Offset(_), None) => vec![by_key()],
        (Start::Offset(_), Some((from, to))) => vec![between(by_key(), from, to)],
        (Start::After(Position { key: SortKey::Missing, id }), None) if is_optional => {
            vec![missing().filter(beyond(id.get()))]
        }
        (Start::After(Position { key: SortKey::Missing, .. }), _) => Vec::new(),
        (Start::After(Position { key: at, id }), None) => {
            let equal = by_id(compare(key, "=", at)).filter(beyond(id.get()));
            let mut segments = vec![equal, by_key().filter(compare(key, further, at))];
            if is_optional {
                segments.push(missing());
            }
            segments
        }
        (Start::After(Position { key: at @ SortKey::Number(year), id }), Some((from, to))) => {
            let equal = by_id(compare(key, "=", at)).filter(beyond(id.get()));
            let rest = match query.order {
                Order::Ascending => between(by_key(), from.max(year.saturating_add(1)), to),
                Order::Descending => between(by_key(), from, to.min(year.saturating_sub(1))),
            };
            vec![between(equal, from, to), rest]
        }
        // The key of a year is a number, so no book follows this position.
        (Start::After(Position { key: SortKey::Text(_) | SortKey::Collated(_), .. }), Some(_)) => {
            Vec::new()
        }
    }
}

/// All books in the order of the query.
pub(super) fn forwards(query: &BookQuery) -> Books {
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    books::table.into_boxed().order(sql::<Text>(format!("{key} {way} NULLS LAST, id {way}")))
}

/// All books in the reverse order, along the same index.
pub(super) fn backwards(query: &BookQuery) -> Books {
    let (key, (_, way)) = (key_of(query.sort), direction(query.order.reversed()));
    books::table.into_boxed().order(sql::<Text>(format!("{key} {way} NULLS FIRST, id {way}")))
}
