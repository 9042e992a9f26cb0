use bookshelf_domain::books::{Book, BookQuery};
use bookshelf_domain::{Position, SortKey, Start};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::books::order::key_of;
use crate::paging::direction;
use crate::postgres::adapters::books::filter::{BookCondition, Books, compare};
use crate::schema::books;

/// The order of the query in the form that the index of the sort has.
fn order(query: &BookQuery) -> String {
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    // PostgreSQL reads the index of a column without NULLs backwards only if the order does not
    // mention NULLs.
    let last = if query.sort.key_type().is_optional() { " NULLS LAST" } else { "" };
    format!("{key} {way}{last}, id {way}")
}

/// The condition for the books after a position. After a position with a key, it excludes the books
/// without one, which come later. `None` if no book can follow.
pub(super) fn further(query: &BookQuery, position: &Position<Book>) -> Option<BookCondition> {
    let (key, (further, _)) = (key_of(query.sort), direction(query.order));
    let place = sql::<Bool>(&format!("({key}, id) {further} ("));
    Some(match &position.key {
        SortKey::Text(text) => {
            let text = place.bind::<Text, _>(text.as_str().to_owned()).sql(", ");
            Box::new(text.bind::<BigInt, _>(position.id.get()).sql(")"))
        }
        SortKey::Number(number) => {
            let number = place.bind::<BigInt, _>(*number).sql(", ");
            Box::new(number.bind::<BigInt, _>(position.id.get()).sql(")"))
        }
        SortKey::Missing if !query.sort.key_type().is_optional() => return None,
        SortKey::Missing => Box::new(sql::<Bool>(&format!("{key} IS NULL")).and(compare(
            "id",
            further,
            &SortKey::Number(position.id.get()),
        ))),
    })
}

/// Queries whose results, one after the other, are the books from the start of the page on. Each
/// query reads along the index of the sort. The comparison with a position excludes the books
/// without a key, so these have a query of their own, the last one.
pub(super) fn index_segments(query: &BookQuery) -> Vec<Books> {
    let all = || books::table.into_boxed().order(sql::<Text>(&order(query)));
    let missing = || all().filter(sql::<Bool>(&format!("{} IS NULL", key_of(query.sort))));
    let Start::After(position) = &query.start else { return vec![all()] };
    let Some(further) = further(query, position) else { return Vec::new() };
    let mut segments = vec![all().filter(further)];
    if query.sort.key_type().is_optional() && position.key != SortKey::Missing {
        segments.push(missing());
    }
    segments
}
