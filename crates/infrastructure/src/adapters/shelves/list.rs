use std::borrow::Cow;

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{ReadingStatus, ShelfEntryId, ShelfFilter, ShelfQuery, ShelfSort};
use bookshelf_domain::{Listing, Position, SortKey, Start, StoreError, Total};
use diesel::dsl::{InnerJoin, IntoBoxed, count_star};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::conditions::contains;
use super::dialect::{Connection, Database, RunQueryDsl, unindexed};
use crate::failure::Failure;
use crate::paging::{COUNTED, capped, clamp, direction, one_more, page_of};
use crate::schema::{books, shelf_entries};
use crate::shelves::{Counted, ShelfEntryRow};
use crate::sql::{Sql, sql};

type Entries<'a> = IntoBoxed<'a, InnerJoin<shelf_entries::table, books::table>, Database>;

/// Statements with more words are not kept by the connections.
const CACHED_WORDS: usize = 2;

/// One page of a shelf. Every statement keeps to the entries of one user. A person does not read so
/// many books that reading all of these entries takes long.
pub(super) async fn page(
    conn: &mut Connection,
    query: &ShelfQuery,
) -> Result<Listing<ShelfEntryRow>, Failure<StoreError>> {
    let items = entries(query).select(ShelfEntryRow::as_select()).load(conn).await?;
    let total = if query.count { Some(count(conn, query).await?) } else { None };
    Ok(page_of(items, query.limit, total))
}

/// The page, and one entry more.
pub(super) fn entries(query: &ShelfQuery) -> Entries<'_> {
    let (_, way) = direction(query.order);
    let key = key_of(query.sort);
    // PostgreSQL reads the index of a column without NULLs backwards only if the order does not
    // mention NULLs.
    let last = if query.sort.key_type().is_optional() { " NULLS LAST" } else { "" };
    let order = sql::<Text>(format!("{key} {way}{last}, shelf_entries.id {way}"));
    // Searches for many words are rare, and there would be a statement for each number of words.
    let is_common = query.filter.search.iter().count() <= CACHED_WORDS;
    started(filtered(query.user, &query.filter), query)
        .order(if is_common { order } else { order.once() })
        .limit(one_more(query.limit))
}

/// The key that a shelf is sorted by. It does not allow the indexes of the books: the database
/// would read all books along them to find the few that are on the shelf.
fn key_of(sort: ShelfSort) -> Cow<'static, str> {
    match sort {
        ShelfSort::AddedAt => "shelf_entries.added_at".into(),
        ShelfSort::Title => unindexed("books.title_sort").into(),
        ShelfSort::Author => unindexed("books.author_sort").into(),
        ShelfSort::Rating => "shelf_entries.rating".into(),
        ShelfSort::FinishedOn => "shelf_entries.finished_on".into(),
    }
}

fn filtered<'a>(user: UserId, filter: &'a ShelfFilter) -> Entries<'a> {
    let mut entries = shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::user_id.eq(user.get()))
        .into_boxed();
    if let Some(status) = filter.status {
        entries = entries.filter(shelf_entries::status.eq(status.as_str()));
    }
    if let Some(rating) = filter.rating {
        entries = entries.filter(shelf_entries::rating.eq(i32::from(rating.get())));
    }
    for word in filter.search.iter() {
        let title = contains("books.title_folded", word.text());
        entries = entries.filter(title.or(contains("books.author_folded", word.text())));
    }
    entries
}

fn started<'a>(entries: Entries<'a>, query: &'a ShelfQuery) -> Entries<'a> {
    let (further, _) = direction(query.order);
    let key = key_of(query.sort);
    let Position { key: at, id } = match &query.start {
        Start::Offset(offset) => {
            return entries.offset(clamp(*offset));
        }
        Start::After(position) => position,
    };
    let id = id.get();
    let after_id = |piece: Sql| piece.sql(format!(" AND shelf_entries.id {further} ")).number(id);
    let condition: Sql = match at {
        SortKey::Missing => after_id(sql(format!("({key} IS NULL"))),
        SortKey::Number(at) => {
            let beyond = sql(format!("({key} {further} ")).number(*at);
            let equal = beyond.sql(format!(" OR {key} IS NULL OR ({key} = ")).number(*at);
            after_id(equal).sql(")")
        }
        SortKey::Collated(at) => {
            let beyond = sql(format!("({key} {further} ")).bytes(at.as_bytes());
            after_id(beyond.sql(format!(" OR ({key} = ")).bytes(at.as_bytes())).sql(")")
        }
        // No sort of a shelf has such a key, so no entry follows.
        SortKey::Text(_) => sql("(1 = 0"),
    };
    entries.filter(condition.sql(")"))
}

async fn count(conn: &mut Connection, query: &ShelfQuery) -> QueryResult<Total> {
    if query.filter == ShelfFilter::default() {
        let mine = shelf_entries::table.filter(shelf_entries::user_id.eq(query.user.get()));
        let items: i64 = mine.count().get_result(conn).await?;
        return Ok(Total { items: items.unsigned_abs(), exact: true });
    }
    let matching: Vec<i64> = filtered(query.user, &query.filter)
        .select(shelf_entries::id)
        .limit(COUNTED)
        .load(conn)
        .await?;
    Ok(capped(matching.len() as u64))
}

/// The counts that the statistics of a shelf are made of.
pub(super) async fn count_by_kind(conn: &mut Connection, user: UserId) -> QueryResult<Counted> {
    let mine = || shelf_entries::table.filter(shelf_entries::user_id.eq(user.get()));
    let by_status = mine()
        .group_by(shelf_entries::status)
        .select((shelf_entries::status, count_star()))
        .load(conn)
        .await?;
    let finished_by_day = mine()
        .filter(shelf_entries::status.eq(ReadingStatus::Read.as_str()))
        .filter(shelf_entries::finished_on.is_not_null())
        .group_by(shelf_entries::finished_on)
        .select((shelf_entries::finished_on, count_star()))
        .load(conn)
        .await?;
    let sum = sql::<Nullable<BigInt>>("sum(rating)");
    let (rating_sum, rating_count): (Option<i64>, i64) =
        mine().select((sum, sql::<BigInt>("count(rating)"))).get_result(conn).await?;
    Ok(Counted {
        by_status,
        finished_by_day,
        rating_sum: rating_sum.unwrap_or_default(),
        rating_count,
    })
}

pub(super) async fn read_after(
    conn: &mut Connection,
    user: UserId,
    after: ShelfEntryId,
    limit: u32,
) -> QueryResult<Vec<ShelfEntryRow>> {
    shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::user_id.eq(user.get()).and(shelf_entries::id.gt(after.get())))
        .order(shelf_entries::id)
        .limit(limit.into())
        .select(ShelfEntryRow::as_select())
        .load(conn)
        .await
}
