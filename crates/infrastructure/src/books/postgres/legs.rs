use bookshelf_domain::books::BookQuery;
use bookshelf_domain::{Position, SortKey, Start};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use super::conditions::{Books, Condition, compare};
use crate::books::order::{can_miss, key_of};
use crate::paging::{clamp, direction};
use crate::schema::books;

/// The order of the query, as the index of the sort has it.
fn order(query: &BookQuery) -> String {
    let (key, (_, way)) = (key_of(query.sort), direction(query.order));
    // An index without NULLs is read backwards only by an order that does not mention them.
    let last = if can_miss(query.sort) { " NULLS LAST" } else { "" };
    format!("{key} {way}{last}, id {way}")
}

pub(super) fn offset(query: &BookQuery) -> i64 {
    match query.start {
        Start::Offset(offset) => clamp(offset),
        Start::After(_) => 0,
    }
}

/// What comes after a position: with a key, of the books that have one.
pub(super) fn further(query: &BookQuery, position: &Position) -> Option<Condition> {
    let (key, (further, _)) = (key_of(query.sort), direction(query.order));
    let place = sql::<Bool>(&format!("({key}, id) {further} ("));
    Some(match &position.key {
        SortKey::Text(text) => {
            let text = place.bind::<Text, _>(text.clone()).sql(", ");
            Box::new(text.bind::<BigInt, _>(position.id).sql(")"))
        }
        SortKey::Number(number) => {
            let number = place.bind::<BigInt, _>(*number).sql(", ");
            Box::new(number.bind::<BigInt, _>(position.id).sql(")"))
        }
        SortKey::Missing if !can_miss(query.sort) => return None,
        SortKey::Missing => Box::new(sql::<Bool>(&format!("{key} IS NULL")).and(compare(
            "id",
            further,
            &SortKey::Number(position.id),
        ))),
    })
}

/// The books from the start on, in order: queries that follow one another, each along the index of
/// the sort. A row comparison leaves out what has no key.
pub(super) fn legs(query: &BookQuery) -> Vec<Books> {
    let all = || books::table.into_boxed().order(sql::<Text>(&order(query)));
    let missing = || all().filter(sql::<Bool>(&format!("{} IS NULL", key_of(query.sort))));
    let Start::After(position) = &query.start else { return vec![all()] };
    let Some(further) = further(query, position) else { return Vec::new() };
    let mut legs = vec![all().filter(further)];
    if can_miss(query.sort) && position.key != SortKey::Missing {
        legs.push(missing());
    }
    legs
}
