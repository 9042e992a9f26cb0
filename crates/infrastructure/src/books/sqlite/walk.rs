use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use bookshelf_domain::{Folded, Order, Position, SortKey, Start};
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

use crate::books::order::{can_miss, key_of, years};
use crate::paging::direction;
use crate::schema::books;

pub(super) type Books = books::BoxedQuery<'static, Sqlite>;
pub(super) type Condition = Box<dyn BoxableExpression<books::table, Sqlite, SqlType = Bool>>;

pub(super) fn compare(left: &str, operator: &str, key: &SortKey) -> Condition {
    let left = sql::<Bool>(&format!("{left} {operator} "));
    match key {
        SortKey::Text(text) => Box::new(left.bind::<Text, _>(text.clone())),
        SortKey::Number(number) => Box::new(left.bind::<BigInt, _>(*number)),
        // Nothing is more than what is missing, nor equal to it.
        SortKey::Missing => Box::new(left.sql("NULL")),
    }
}

/// The books from the start on, in order: queries that follow one another, and each walks along the
/// index of the sort. Of a filter they hold only the years, and those only when sorted by year.
///
/// SQLite finds the place of a key and an id together only when the key is given, so reading on
/// from a position takes up to three: the rest of the equal keys, the further keys, no key.
pub(super) fn legs(query: &BookQuery) -> Vec<Books> {
    let key = key_of(query.sort);
    let (further, way) = direction(query.order);
    let range = years(&query.filter).filter(|_| query.sort == BookSort::Year);
    let can_miss = can_miss(query.sort);
    let by_key = || {
        let all = books::table.into_boxed();
        all.order(sql::<Text>(&format!("{key} {way} NULLS LAST, id {way}")))
    };
    let by_id = |condition: Condition| {
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
            vec![missing().filter(beyond(*id))]
        }
        (Start::After(Position { key: SortKey::Missing, .. }), _) => Vec::new(),
        (Start::After(Position { key: at, id }), None) => {
            let equal = by_id(compare(key, "=", at)).filter(beyond(*id));
            let mut legs = vec![equal, by_key().filter(compare(key, further, at))];
            if can_miss {
                legs.push(missing());
            }
            legs
        }
        (Start::After(Position { key: at @ SortKey::Number(year), id }), Some((from, to))) => {
            let equal = by_id(compare(key, "=", at)).filter(beyond(*id));
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

/// Walks along the sort's index and tests every book, until the page and one more are found.
/// Returns their ids, or nothing when more than `budget` books had to be tested.
pub(super) fn walk(
    conn: &mut SqliteConnection,
    query: &BookQuery,
    mut budget: u64,
) -> QueryResult<Option<Vec<i64>>> {
    let wanted = query.limit as usize + 1;
    let mut skip = match query.start {
        Start::Offset(offset) => offset,
        Start::After(_) => 0,
    };
    let mut found = Vec::with_capacity(wanted);
    for leg in legs(query) {
        let rows = leg.select(TestedRow::as_select());
        for row in rows.load_iter::<TestedRow, DefaultLoadingMode>(conn)? {
            let row = row?;
            if budget == 0 {
                return Ok(None);
            }
            budget -= 1;
            if !row.passes(&query.filter) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            found.push(row.id);
            if found.len() == wanted {
                return Ok(Some(found));
            }
        }
    }
    Ok(Some(found))
}

/// What filters look at.
#[derive(Queryable, Selectable)]
#[diesel(table_name = books)]
struct TestedRow {
    id: i64,
    title_folded: String,
    author_folded: String,
    isbn: Option<String>,
    genre_folded: String,
    year: Option<i32>,
}

impl TestedRow {
    fn passes(&self, filter: &BookFilter) -> bool {
        let contains = |text: &str, pattern: &Folded| text.contains(pattern.as_str());
        filter.title.as_ref().is_none_or(|title| contains(&self.title_folded, title))
            && filter.author.as_ref().is_none_or(|author| contains(&self.author_folded, author))
            && filter.search.as_ref().is_none_or(|part| {
                contains(&self.title_folded, part) || contains(&self.author_folded, part)
            })
            && filter.genre.as_ref().is_none_or(|genre| self.genre_folded == genre.as_str())
            && filter.isbn.is_none_or(|isbn| self.isbn.as_deref() == Some(isbn.as_str()))
            && years(filter).is_none_or(|(from, to)| {
                self.year.is_some_and(|year| (from..=to).contains(&year.into()))
            })
    }
}
