use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use bookshelf_domain::{COUNT_LIMIT, Folded, Listing, Start, StoreError, Total};
use diesel::prelude::*;

use super::candidates::{BLURRED, Candidates};
use super::gather::{Gather, in_order};
use super::walk::{legs, walk};
use crate::books::order::{Limits, years};
use crate::books::row::BookRow;
use crate::failure::Failure;
use crate::paging::{capped, clamp};
use crate::schema::books;

/// Finding candidates is quick beside testing them: so far it pays to know where there are fewest.
const COMPARED: u64 = 50_000;

/// One page of books.
///
/// One plan never serves both rare and common matches: few candidates are gathered by the index of
/// the filter and sorted, and when there are many, the index of the sort is walked.
pub(super) fn list(
    conn: &mut SqliteConnection,
    query: &BookQuery,
    limits: Limits,
) -> Result<Listing<BookRow>, Failure<StoreError>> {
    if !could_match(&query.filter) {
        return Ok(listing(Vec::new(), query, query.count.then(|| capped(0))));
    }
    let candidates = Candidates::of(&query.filter);
    if candidates.is_empty() {
        let total = if query.count { Some(count_all(conn)?) } else { None };
        return Ok(listing(straight(conn, query)?, query, total));
    }
    let known_up_to = if query.count { COUNT_LIMIT } else { limits.few };
    let found = find_each(conn, &candidates, known_up_to.saturating_add(1))?;
    let fewest = found.iter().min_by_key(|ids| ids.len()).map_or(&[][..], Vec::as_slice);
    let mut count = fewest.len() as u64;
    let candidates =
        if count <= known_up_to { vec![Candidates::known(fewest)] } else { candidates };
    if query.count && (found.len() > 1 || !is_sharp(&query.filter)) {
        let narrowest = narrowest(conn, &candidates)?;
        let some = Gather::some(&query.filter, narrowest, COUNT_LIMIT + 1);
        count = some.load::<i64>(conn)?.len() as u64;
    }
    let rows = if found.len() == 1 && along_the_sort(&query.filter, query.sort) {
        straight(conn, query)?
    } else {
        let common = count > limits.few;
        let walked = if common { walk(conn, query, budget(query, limits))? } else { None };
        let ids = match walked {
            Some(ids) => ids,
            None => Gather::page(query, narrowest(conn, &candidates)?).load(conn)?,
        };
        in_order(conn, &ids)?
    };
    Ok(listing(rows, query, query.count.then(|| capped(count))))
}

fn listing(mut rows: Vec<BookRow>, query: &BookQuery, total: Option<Total>) -> Listing<BookRow> {
    let limit = query.limit as usize;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    Listing { items: rows, has_next, total }
}

/// No text has control characters; the index uses some for itself.
fn could_match(filter: &BookFilter) -> bool {
    !texts(filter).any(|text| text.contains(char::is_control))
}

/// Whether the candidates of the filter's one part are exactly the books that pass it.
fn is_sharp(filter: &BookFilter) -> bool {
    !texts(filter).any(|text| text.contains(BLURRED))
}

fn texts(filter: &BookFilter) -> impl Iterator<Item = &str> {
    let BookFilter { title, author, search, genre, .. } = filter;
    [title, author, search, genre].into_iter().flatten().map(Folded::as_str)
}

fn find_each(
    conn: &mut SqliteConnection,
    sets: &[Candidates],
    limit: u64,
) -> QueryResult<Vec<Vec<i64>>> {
    sets.iter().map(|candidates| candidates.find(conn, limit)).collect()
}

/// The set with the fewest candidates, as far as it pays to know.
fn narrowest<'a>(
    conn: &mut SqliteConnection,
    sets: &'a [Candidates],
) -> QueryResult<&'a Candidates> {
    if let [one] = sets {
        return Ok(one);
    }
    let sizes = find_each(conn, sets, COMPARED)?.into_iter().map(|ids| ids.len());
    let (_, fewest) =
        sizes.zip(sets).min_by_key(|(size, _)| *size).ok_or(diesel::result::Error::NotFound)?;
    Ok(fewest)
}

/// Whether the index of the sort has the books that pass the filter side by side.
fn along_the_sort(filter: &BookFilter, sort: BookSort) -> bool {
    sort == BookSort::Year && years(filter).is_some()
}

fn count_all(conn: &mut SqliteConnection) -> QueryResult<Total> {
    let count: i64 = books::table.count().get_result(conn)?;
    Ok(Total { items: count.unsigned_abs(), exact: true })
}

/// What is skipped has to be walked over too.
const fn budget(query: &BookQuery, limits: Limits) -> u64 {
    match query.start {
        Start::Offset(offset) => limits.walk.saturating_add(offset.saturating_mul(4)),
        Start::After(_) => limits.walk,
    }
}

/// A page that stands on the sort's index as it is.
fn straight(conn: &mut SqliteConnection, query: &BookQuery) -> QueryResult<Vec<BookRow>> {
    let offset = match query.start {
        Start::Offset(offset) => clamp(offset),
        Start::After(_) => 0,
    };
    let mut missing = i64::from(query.limit) + 1;
    let mut rows = Vec::new();
    for leg in legs(query) {
        let page = leg.limit(missing).offset(offset).select(BookRow::as_select()).load(conn)?;
        missing -= page.len() as i64;
        rows.extend(page);
        if missing <= 0 {
            break;
        }
    }
    Ok(rows)
}
