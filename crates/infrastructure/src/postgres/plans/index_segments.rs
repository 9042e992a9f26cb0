use bookshelf_domain::books::{Book, BookQuery};
use bookshelf_domain::{Order, Position, SortKey, Start};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::books::order::key_of;
use crate::paging::direction;
use crate::postgres::adapters::books::filter::{BookCondition, Books, compare};
use crate::schema::books;
use crate::sql::{Sql, sql};

/// The order of the query in the form that the index of the sort has.
fn order(query: &BookQuery, order: Order, missing: &str) -> String {
    let (key, (_, way)) = (key_of(query.sort), direction(order));
    // PostgreSQL reads the index of a column without NULLs backwards only if the order does not
    // mention NULLs.
    let missing = if query.sort.key_type().is_optional() { missing } else { "" };
    format!("{key} {way}{missing}, id {way}")
}

/// The condition for the books after a position. After a position with a key, it excludes the books
/// without one, which come later. `None` if no book can follow.
pub(super) fn further(query: &BookQuery, position: &Position<Book>) -> Option<BookCondition> {
    let (key, (further, _)) = (key_of(query.sort), direction(query.order));
    let id = position.id.get();
    let place: Sql = sql(format!("({key}, id) {further} ("));
    let place = match &position.key {
        SortKey::Text(text) => place.text(text.as_str()),
        SortKey::Collated(key) => place.bytes(key.as_bytes()),
        SortKey::Number(number) => place.number(*number),
        SortKey::Missing if !query.sort.key_type().is_optional() => return None,
        SortKey::Missing => {
            let missing: Sql = sql(format!("{key} IS NULL"));
            return Some(Box::new(missing.and(compare("id", further, &SortKey::Number(id)))));
        }
    };
    Some(Box::new(place.sql(", ").number(id).sql(")")))
}

/// Queries whose results, one after the other, are the books from the start of the page on. Each
/// query reads along the index of the sort. The comparison with a position excludes the books
/// without a key, so these have a query of their own, the last one.
pub(super) fn index_segments(query: &BookQuery) -> Vec<Books> {
    let all = || forwards(query);
    let missing = || all().filter(sql::<Bool>(format!("{} IS NULL", key_of(query.sort))));
    let Start::After(position) = &query.start else { return vec![all()] };
    let Some(further) = further(query, position) else { return Vec::new() };
    let mut segments = vec![all().filter(further)];
    if query.sort.key_type().is_optional() && position.key != SortKey::Missing {
        segments.push(missing());
    }
    segments
}

/// All books in the order of the query.
pub(super) fn forwards(query: &BookQuery) -> Books {
    books::table.into_boxed().order(sql::<Text>(order(query, query.order, " NULLS LAST")))
}

/// All books in the reverse order, along the same index.
pub(super) fn backwards(query: &BookQuery) -> Books {
    books::table.into_boxed().order(sql::<Text>(order(
        query,
        query.order.reversed(),
        " NULLS FIRST",
    )))
}
