use bookshelf_domain::books::{Book, BookQuery};
use bookshelf_domain::{Position, SortKey, Start};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::books::order::{can_miss, key_of};
use crate::paging::direction;
use crate::postgres::adapters::books::filter::{BookCondition, Books, compare};
use crate::schema::books;

/// The order of the query, as the index of the sort has it.
fn order(query: &BookQuery) -> String {
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    // The index of a column without NULLs is read backwards only if the order does not mention them.
    let last = if can_miss(query.sort) { " NULLS LAST" } else { "" };
    format!("{key} {way}{last}, id {way}")
}

/// The condition for what comes after a position. If the position has a key, books without one are
/// left out.
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
        SortKey::Missing if !can_miss(query.sort) => return None,
        SortKey::Missing => Box::new(sql::<Bool>(&format!("{key} IS NULL")).and(compare(
            "id",
            further,
            &SortKey::Number(position.id.get()),
        ))),
    })
}

/// The books from the start of the page on: queries that follow one another, each along the index of
/// the sort. A comparison of rows leaves out the books without a key, which come last.
pub(super) fn index_segments(query: &BookQuery) -> Vec<Books> {
    let all = || books::table.into_boxed().order(sql::<Text>(&order(query)));
    let missing = || all().filter(sql::<Bool>(&format!("{} IS NULL", key_of(query.sort))));
    let Start::After(position) = &query.start else { return vec![all()] };
    let Some(further) = further(query, position) else { return Vec::new() };
    let mut segments = vec![all().filter(further)];
    if can_miss(query.sort) && position.key != SortKey::Missing {
        segments.push(missing());
    }
    segments
}
