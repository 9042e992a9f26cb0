use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{ReadingStatus, ShelfEntryId, ShelfFilter, ShelfQuery, ShelfSort};
use bookshelf_domain::{Listing, Position, SortKey, Start, Total};
use diesel::dsl::{InnerJoin, IntoBoxed, count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;

use crate::paging::{COUNTED, capped, clamp, direction};
use crate::schema::{books, shelf_entries};
use crate::shelves::rows::{Counted, ShelfEntryRow};

type Entries<'a> = IntoBoxed<'a, InnerJoin<shelf_entries::table, books::table>, Sqlite>;

/// One page of a shelf. A shelf is no longer than its reader's life: every statement keeps to the
/// entries of one user, and the longest way is along all of them.
pub(super) fn page(
    conn: &mut SqliteConnection,
    query: &ShelfQuery,
) -> QueryResult<Listing<ShelfEntryRow>> {
    let limit = query.limit as usize;
    let mut items: Vec<ShelfEntryRow> =
        page_of(query).select(ShelfEntryRow::as_select()).load(conn)?;
    let has_next = items.len() > limit;
    items.truncate(limit);
    let total = if query.count { Some(count(conn, query)?) } else { None };
    Ok(Listing { items, has_next, total })
}

/// The page, and one entry more.
pub(super) fn page_of(query: &ShelfQuery) -> Entries<'_> {
    let (_, way) = direction(query.order);
    let key = key_of(query.sort);
    let order = format!("{key} {way} NULLS LAST, shelf_entries.id {way}");
    started(filtered(query.user, &query.filter), query)
        .order(sql::<Text>(&order))
        .limit(i64::from(query.limit) + 1)
}

/// What a shelf is sorted by. The plus keeps the books' own indexes out of it, along which all the
/// books would be walked to find the few that stand on the shelf.
const fn key_of(sort: ShelfSort) -> &'static str {
    match sort {
        ShelfSort::AddedAt => "shelf_entries.added_at",
        ShelfSort::Title => "+books.title_folded",
        ShelfSort::Author => "+books.author_folded",
        ShelfSort::Rating => "shelf_entries.rating",
        ShelfSort::FinishedOn => "shelf_entries.finished_on",
    }
}

fn filtered<'a>(user: UserId, filter: &'a ShelfFilter) -> Entries<'a> {
    let mut entries = shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::user_id.eq(user))
        .into_boxed();
    if let Some(status) = filter.status {
        entries = entries.filter(shelf_entries::status.eq(status.as_str()));
    }
    if let Some(rating) = filter.rating {
        entries = entries.filter(shelf_entries::rating.eq(i32::from(rating.get())));
    }
    if let Some(part) = &filter.search {
        // By bytes: LIKE would take some characters for one another.
        let part = part.as_str();
        entries = entries.filter(
            sql::<Bool>("(instr(books.title_folded, ")
                .bind::<Text, _>(part)
                .sql(") > 0 OR instr(books.author_folded, ")
                .bind::<Text, _>(part)
                .sql(") > 0)"),
        );
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
    let condition = sql::<Bool>("(");
    match at {
        SortKey::Missing => entries.filter(
            condition
                .sql(&format!("{key} IS NULL AND shelf_entries.id {further} "))
                .bind::<BigInt, _>(*id)
                .sql(")"),
        ),
        SortKey::Number(number) => entries.filter(
            condition
                .sql(&format!("{key} {further} "))
                .bind::<BigInt, _>(*number)
                .sql(&format!(" OR {key} IS NULL OR ({key} = "))
                .bind::<BigInt, _>(*number)
                .sql(&format!(" AND shelf_entries.id {further} "))
                .bind::<BigInt, _>(*id)
                .sql("))"),
        ),
        SortKey::Text(text) => entries.filter(
            condition
                .sql(&format!("{key} {further} "))
                .bind::<Text, _>(text)
                .sql(&format!(" OR ({key} = "))
                .bind::<Text, _>(text)
                .sql(&format!(" AND shelf_entries.id {further} "))
                .bind::<BigInt, _>(*id)
                .sql("))"),
        ),
    }
}

fn count(conn: &mut SqliteConnection, query: &ShelfQuery) -> QueryResult<Total> {
    if query.filter == ShelfFilter::default() {
        let mine = shelf_entries::table.filter(shelf_entries::user_id.eq(query.user));
        let items: i64 = mine.count().get_result(conn)?;
        return Ok(Total { items: items.unsigned_abs(), exact: true });
    }
    let matching: Vec<i64> =
        filtered(query.user, &query.filter).select(shelf_entries::id).limit(COUNTED).load(conn)?;
    Ok(capped(matching.len() as u64))
}

pub(super) fn count_up(conn: &mut SqliteConnection, user: UserId) -> QueryResult<Counted> {
    let mine = || shelf_entries::table.filter(shelf_entries::user_id.eq(user));
    let by_status = mine()
        .group_by(shelf_entries::status)
        .select((shelf_entries::status, count_star()))
        .load(conn)?;
    let finished_by_day = mine()
        .filter(shelf_entries::status.eq(ReadingStatus::Read.as_str()))
        .filter(shelf_entries::finished_on.is_not_null())
        .group_by(shelf_entries::finished_on)
        .select((shelf_entries::finished_on, count_star()))
        .load(conn)?;
    let sum = sql::<Nullable<BigInt>>("sum(rating)");
    let (rating_sum, rating_count): (Option<i64>, i64) =
        mine().select((sum, sql::<BigInt>("count(rating)"))).get_result(conn)?;
    Ok(Counted {
        by_status,
        finished_by_day,
        rating_sum: rating_sum.unwrap_or_default(),
        rating_count,
    })
}

pub(super) fn read_after(
    conn: &mut SqliteConnection,
    user: UserId,
    after: ShelfEntryId,
    limit: u32,
) -> QueryResult<Vec<ShelfEntryRow>> {
    shelf_entries::table
        .inner_join(books::table)
        .filter(shelf_entries::user_id.eq(user).and(shelf_entries::id.gt(after)))
        .order(shelf_entries::id)
        .limit(limit.into())
        .select(ShelfEntryRow::as_select())
        .load(conn)
}
