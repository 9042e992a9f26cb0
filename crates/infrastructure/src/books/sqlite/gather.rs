use std::collections::HashMap;

use bookshelf_domain::books::{BookFilter, BookQuery};
use bookshelf_domain::{Folded, Position, SortKey, Start};
use diesel::dsl::{Select, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::candidates::{Among, Candidates, years};
use super::walk::{Books, Condition, compare, direction, key_of};
use crate::books::row::BookRow;
use crate::schema::books;

/// The ids of a page and one more: the candidates, tested and sorted.
pub(super) fn gathered(query: &BookQuery, among: Candidates) -> Select<Books, books::id> {
    let key = key_of(query.sort);
    let (further, way) = direction(query.order);
    let mut books = matching(&query.filter, among)
        .order(sql::<Text>(&format!("+{key} {way} NULLS LAST, +id {way}")));
    if let Start::After(Position { key: at, id }) = &query.start {
        let (key, id) = (format!("+{key}"), SortKey::Number(*id));
        let missing: Condition = Box::new(sql::<Bool>(&format!("{key} IS NULL")));
        let beyond = compare("+id", further, &id);
        books = match at {
            SortKey::Missing => books.filter(missing.and(beyond)),
            _ => {
                let equal = compare(&key, "=", at).and(beyond);
                books.filter(compare(&key, further, at).or(equal).or(missing))
            }
        };
    }
    let (limit, offset) = page(query, query.limit as usize + 1);
    books.limit(limit).offset(offset).select(books::id)
}

/// The `LIMIT` and `OFFSET` of a page of which so many books are wanted.
pub(super) fn page(query: &BookQuery, wanted: usize) -> (i64, i64) {
    let offset = match query.start {
        Start::Offset(offset) => i64::try_from(offset).unwrap_or(i64::MAX),
        Start::After(_) => 0,
    };
    (i64::try_from(wanted).unwrap_or(i64::MAX), offset)
}

/// The books with these ids, in their order.
pub(super) fn in_order(conn: &mut SqliteConnection, ids: &[i64]) -> QueryResult<Vec<BookRow>> {
    let rows: Vec<BookRow> =
        books::table.filter(books::id.eq_any(ids)).select(BookRow::as_select()).load(conn)?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// The books that pass the filter, led to by some candidates.
///
/// A `+` before a column keeps SQLite from using an index of that column instead.
pub(super) fn matching(filter: &BookFilter, among: Candidates) -> Books {
    let mut books = books::table.filter(Among(among)).into_boxed();
    for (column, pattern) in [("title_folded", &filter.title), ("author_folded", &filter.author)] {
        if let Some(pattern) = pattern {
            books = books.filter(contains(column, pattern));
        }
    }
    if let Some(pattern) = &filter.search {
        let title = contains("title_folded", pattern);
        books = books.filter(title.or(contains("author_folded", pattern)));
    }
    if let Some(genre) = &filter.genre {
        books = books.filter(compare("+genre_folded", "=", &SortKey::Text(genre.as_str().into())));
    }
    if let Some(isbn) = &filter.isbn {
        books = books.filter(compare("+isbn", "=", &SortKey::Text(isbn.to_string())));
    }
    if let Some((from, to)) = years(filter) {
        books = books.filter(compare("+year", ">=", &SortKey::Number(from))).filter(compare(
            "+year",
            "<=",
            &SortKey::Number(to),
        ));
    }
    books
}

/// Whether the column has the pattern somewhere.
fn contains(column: &str, pattern: &Folded) -> Condition {
    let place = sql::<Bool>(&format!("instr({column}, "));
    Box::new(place.bind::<Text, _>(pattern.as_str().to_owned()).sql(") > 0"))
}
