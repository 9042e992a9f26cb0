use bookshelf_domain::books::{BookQuery, BookSort};
use bookshelf_domain::{Order, Position, SortKey, Start};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::books::order::{can_miss, key_of, years};
use crate::paging::direction;
use crate::schema::books;
use crate::sqlite::adapters::books::filter::{BookCondition, Books, compare};

/// The books from the start of the page on: queries that follow one another, each along the index of
/// the sort. They apply no filter but the years, and those only when the sort is by year.
///
/// SQLite can start from a key and an id in an index only when the key is a constant. So there are up
/// to three segments after a position: the rest of the equal keys, the keys beyond, the missing keys.
pub(super) fn index_segments(query: &BookQuery) -> Vec<Books> {
    let key = key_of(query.sort);
    let (further, way) = direction(query.order);
    let range = years(&query.filter).filter(|_| query.sort == BookSort::Year);
    let can_miss = can_miss(query.sort);
    let by_key = || {
        let all = books::table.into_boxed();
        all.order(sql::<Text>(&format!("{key} {way} NULLS LAST, id {way}")))
    };
    let by_id = |condition: BookCondition| {
        let some = books::table.filter(condition).into_boxed();
        some.order(sql::<BigInt>(&format!("id {way}")))
    };
    let between = |books: Books, from: i64, to: i64| {
        let books = books.filter(compare(key, ">=", &SortKey::Number(from)));
        books.filter(compare(key, "<=", &SortKey::Number(to)))
    };
    let missing = || by_id(Box::new(sql::<Bool>(&format!("{key} IS NULL"))));
    let beyond = |id: i64| compare("id", further, &SortKey::Number(id));
    match (&query.start, range) {
        (Start::Offset(_), None) => vec![by_key()],
        (Start::Offset(_), Some((from, to))) => vec![between(by_key(), from, to)],
        (Start::After(Position { key: SortKey::Missing, id }), None) if can_miss => {
            vec![missing().filter(beyond(id.get()))]
        }
        (Start::After(Position { key: SortKey::Missing, .. }), _) => Vec::new(),
        (Start::After(Position { key: at, id }), None) => {
            let equal = by_id(compare(key, "=", at)).filter(beyond(id.get()));
            let mut segments = vec![equal, by_key().filter(compare(key, further, at))];
            if can_miss {
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
        // No year is a text.
        (Start::After(Position { key: SortKey::Text(_), .. }), Some(_)) => Vec::new(),
    }
}
