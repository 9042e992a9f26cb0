use bookshelf_domain::books::{BookFilter, BookQuery, BookSort, SearchWord};
use bookshelf_domain::{COUNT_LIMIT, Listing, SearchText, StoreError, Total};
use diesel::prelude::*;

use super::candidates::Candidates;
use super::gather::Gather;
use super::index_segments::{backwards, forwards, index_segments};
use super::walk::walk;
use crate::books::order::{Limits, years};
use crate::books::row::BookRow;
use crate::failure::Failure;
use crate::paging::{capped, offset, page_of};
use crate::sqlite::Sqlite;
use crate::sqlite::adapters::books::lists::{
    count_all, is_past_end, load_in_order, read_far_page, read_index_order,
};
use crate::sqlite::dialect::RunQueryDsl;

/// The number up to which sets of candidates are compared. Finding a candidate is cheaper than
/// testing it, so it pays to find the smallest set first.
const COMPARED: u64 = 50_000;

/// Returns one page of books.
///
/// Rare and common matches need different plans. Few candidates are gathered by the index of the
/// filter and sorted. Many are found by a walk along the index of the sort. `limits` says what is few;
/// by default it depends on the size of the catalogue.
pub(crate) async fn list(
    engine: &Sqlite,
    query: BookQuery,
    limits: Option<Limits>,
) -> Result<Listing<BookRow>, StoreError> {
    engine.scan(async move |conn| list_in(conn, &query, limits).await).await
}

async fn list_in(
    conn: &mut SqliteConnection,
    query: &BookQuery,
    limits: Option<Limits>,
) -> Result<Listing<BookRow>, Failure<StoreError>> {
    if !could_match(&query.filter) {
        return Ok(page_of(Vec::new(), query.limit, query.count.then(|| capped(0))));
    }
    let candidates = Candidates::of(&query.filter);
    if candidates.is_empty() {
        return Ok(whole_list(conn, query).await?);
    }
    let limits = match limits {
        Some(limits) => limits,
        None => Limits::of(count_all(conn).await?.items, query),
    };
    let all_pass = matches!(&candidates[..], [only] if only.is_exact());
    let known_up_to = if query.count { COUNT_LIMIT } else { limits.few };
    let found = find_each(conn, &candidates, known_up_to.saturating_add(1)).await?;
    let fewest = found.iter().min_by_key(|ids| ids.len()).map_or(&[][..], Vec::as_slice);
    let mut count = fewest.len() as u64;
    let candidates =
        if count <= known_up_to { vec![Candidates::known(fewest)] } else { candidates };
    let mut sets = &candidates[..];
    if query.count && !all_pass {
        let narrowest = narrowest(conn, sets).await?;
        // The page does not search for it again.
        sets = std::slice::from_ref(narrowest);
        let some = Gather::some(&query.filter, narrowest, COUNT_LIMIT + 1);
        count = some.load::<i64>(conn).await?.len() as u64;
    }
    let total = query.count.then(|| capped(count));
    let is_past_end = match total {
        Some(Total { items, exact: true }) => offset(&query.start).unsigned_abs() >= items,
        _ => is_past_end(conn, query).await?,
    };
    if is_past_end {
        return Ok(page_of(Vec::new(), query.limit, total));
    }
    let rows = if found.len() == 1 && along_the_sort(&query.filter, query.sort) {
        read_index_order(conn, index_segments(query), query).await?
    } else {
        let common = count > limits.few;
        let walked = if common { walk(conn, query, limits.walk_budget(query))? } else { None };
        let ids = match walked {
            Some(ids) => ids,
            None => {
                let narrowest = narrowest(conn, sets).await?;
                Gather::page(query, narrowest).load(conn).await?
            }
        };
        load_in_order(conn, &ids).await?
    };
    Ok(page_of(rows, query.limit, total))
}

async fn whole_list(
    conn: &mut SqliteConnection,
    query: &BookQuery,
) -> QueryResult<Listing<BookRow>> {
    if offset(&query.start) == 0 && !query.count {
        let rows = read_index_order(conn, index_segments(query), query).await?;
        return Ok(page_of(rows, query.limit, None));
    }
    let total = count_all(conn).await?;
    let rows = match offset(&query.start) {
        0 => read_index_order(conn, index_segments(query), query).await?,
        _ => read_far_page(conn, query, total.items, forwards(query), backwards(query)).await?,
    };
    Ok(page_of(rows, query.limit, query.count.then_some(total)))
}

/// Whether a book can match. No text of a book has control characters, and the index uses some of
/// them as sentinels.
fn could_match(filter: &BookFilter) -> bool {
    !texts(filter).any(|text| text.contains(char::is_control))
}

fn texts(filter: &BookFilter) -> impl Iterator<Item = &str> {
    let BookFilter { title, author, search, genre, .. } = filter;
    let words = search.iter().map(SearchWord::text);
    [title, author, genre].into_iter().flatten().map(SearchText::as_str).chain(words)
}

async fn find_each(
    conn: &mut SqliteConnection,
    sets: &[Candidates],
    limit: u64,
) -> QueryResult<Vec<Vec<i64>>> {
    let mut found = Vec::with_capacity(sets.len());
    for candidates in sets {
        found.push(candidates.find(conn, limit).await?);
    }
    Ok(found)
}

/// The set with the fewest candidates. Sets that are larger than [`COMPARED`] count as equal.
async fn narrowest<'a>(
    conn: &mut SqliteConnection,
    sets: &'a [Candidates],
) -> QueryResult<&'a Candidates> {
    if let [one] = sets {
        return Ok(one);
    }
    let sizes = find_each(conn, sets, COMPARED).await?.into_iter().map(|ids| ids.len());
    let (_, fewest) =
        sizes.zip(sets).min_by_key(|(size, _)| *size).ok_or(diesel::result::Error::NotFound)?;
    Ok(fewest)
}

/// Whether the books that pass the filter are contiguous in the index of the sort.
fn along_the_sort(filter: &BookFilter, sort: BookSort) -> bool {
    sort == BookSort::Year && years(filter).is_some()
}
