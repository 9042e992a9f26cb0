use bookshelf_domain::books::{BookFilter, BookQuery, BookSort};
use bookshelf_domain::{COUNT_LIMIT, Folded, Listing, Start, StoreError, Total};
use diesel::prelude::*;

use super::candidates::{BLURRED, Candidates};
use super::gather::{gathered, in_order, matching, page};
use super::walk::{legs, walk};
use crate::books::row::BookRow;
use crate::schema::books;
use crate::sqlite::Failure;

/// Up to so many candidates are gathered and sorted; more are common enough to be met on a walk
/// along the sort's index. At a million books both cost about the same here.
const FEW: u64 = 4_000;

/// How many books a walk may test before it turns out that the common ones stand elsewhere.
const WALK_BUDGET: u64 = 20_000;

/// Counting is quick beside gathering: so far it is worth knowing which candidates are fewest.
const COMPARED: u64 = 1_000_000;

/// One page of books.
///
/// One plan never serves both rare and common matches: few candidates are gathered by the index of
/// the filter and sorted, and when there are many, the index of the sort is walked.
pub(super) fn list(
    conn: &mut SqliteConnection,
    query: &BookQuery,
) -> Result<Listing<BookRow>, Failure<StoreError>> {
    let capped = |count: u64| Total { items: count.min(COUNT_LIMIT), exact: count <= COUNT_LIMIT };
    if !could_match(&query.filter) {
        return Ok(listing(Vec::new(), query, query.count.then(|| capped(0))));
    }
    let candidates = Candidates::of(&query.filter);
    if candidates.is_empty() {
        let total = if query.count { Some(count_all(conn)?) } else { None };
        return Ok(listing(straight(conn, query)?, query, total));
    }
    let single = candidates.len() == 1 && !is_blurred(&query.filter);
    let (fewest, mut count) = fewest(conn, candidates, query.count)?;
    if query.count && !single {
        count = count_matches(conn, &query.filter, &fewest)?;
    }
    let rows = if single && along_the_sort(&fewest, query.sort) {
        straight(conn, query)?
    } else {
        let walked = if count <= FEW { None } else { walk(conn, query, budget(query))? };
        let ids = match walked {
            Some(ids) => ids,
            None => gathered(query, fewest).load(conn)?,
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

/// Whether the index may find more than what passes the filter.
fn is_blurred(filter: &BookFilter) -> bool {
    texts(filter).any(|text| text.contains(BLURRED))
}

fn texts(filter: &BookFilter) -> impl Iterator<Item = &str> {
    let BookFilter { title, author, search, genre, .. } = filter;
    [title, author, search, genre].into_iter().flatten().map(Folded::as_str)
}

/// The smallest set of candidates and its size, as far as it was counted.
fn fewest(
    conn: &mut SqliteConnection,
    mut candidates: Vec<Candidates>,
    all_counted: bool,
) -> QueryResult<(Candidates, u64)> {
    let limit = if all_counted { COUNT_LIMIT } else { FEW } + 1;
    let several = candidates.len() > 1;
    let mut counts = count_each(conn, &candidates, limit)?;
    if several && counts.iter().all(|count| *count == limit) {
        counts = count_each(conn, &candidates, COMPARED)?;
    }
    let (place, count) = counts
        .into_iter()
        .enumerate()
        .min_by_key(|(_, count)| *count)
        .ok_or(diesel::result::Error::NotFound)?;
    Ok((candidates.swap_remove(place), count))
}

fn count_each(
    conn: &mut SqliteConnection,
    candidates: &[Candidates],
    limit: u64,
) -> QueryResult<Vec<u64>> {
    candidates.iter().map(|candidates| candidates.count(conn, limit)).collect()
}

fn count_all(conn: &mut SqliteConnection) -> QueryResult<Total> {
    let count: i64 = books::table.count().get_result(conn)?;
    Ok(Total { items: count.unsigned_abs(), exact: true })
}

fn count_matches(
    conn: &mut SqliteConnection,
    filter: &BookFilter,
    among: &Candidates,
) -> QueryResult<u64> {
    let limit = i64::try_from(COUNT_LIMIT + 1).unwrap_or(i64::MAX);
    let ids: Vec<i64> =
        matching(filter, among.clone()).select(books::id).limit(limit).load(conn)?;
    Ok(ids.len() as u64)
}

/// Whether the walk along the sort's index meets these candidates and no other books.
fn along_the_sort(candidates: &Candidates, sort: BookSort) -> bool {
    sort == BookSort::Year && matches!(candidates, Candidates::Years { .. })
}

const fn budget(query: &BookQuery) -> u64 {
    match query.start {
        Start::Offset(offset) => WALK_BUDGET.saturating_add(offset.saturating_mul(4)),
        Start::After(_) => WALK_BUDGET,
    }
}

/// A page that stands on the sort's index as it is.
fn straight(conn: &mut SqliteConnection, query: &BookQuery) -> QueryResult<Vec<BookRow>> {
    let wanted = query.limit as usize + 1;
    let mut rows = Vec::new();
    for leg in legs(query) {
        let (limit, offset) = page(query, wanted - rows.len());
        let leg = leg.limit(limit).offset(offset).select(BookRow::as_select());
        rows.extend(leg.load(conn)?);
        if rows.len() == wanted {
            break;
        }
    }
    Ok(rows)
}
