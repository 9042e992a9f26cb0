use bookshelf_domain::invites::{InviteQuery, InviteSort};
use bookshelf_domain::{Listing, Order, Position, SortKey, Start, StoreError, Total};
use diesel::prelude::*;

use super::dialect::{Connection, Database, RunQueryDsl};
use crate::failure::Failure;
use crate::invites::InviteRow;
use crate::paging::{clamp, one_more, page_of};
use crate::schema::invites;

type Invites<'a> = invites::BoxedQuery<'a, Database>;

/// Reads one page.
pub(super) async fn page(
    conn: &mut Connection,
    query: &InviteQuery,
) -> Result<Listing<InviteRow>, Failure<StoreError>> {
    let items = started(ordered(query), query)
        .map_err(Failure::Domain)?
        .limit(one_more(query.limit))
        .select(InviteRow::as_select())
        .load(conn)
        .await?;
    let total = if query.count { Some(count(conn).await?) } else { None };
    Ok(page_of(items, query.limit, total))
}

fn ordered<'a>(query: &InviteQuery) -> Invites<'a> {
    let invites = invites::table.into_boxed();
    match (query.sort, query.order) {
        (InviteSort::CreatedAt, Order::Ascending) => {
            invites.order((invites::created_at.asc(), invites::id.asc()))
        }
        (InviteSort::CreatedAt, Order::Descending) => {
            invites.order((invites::created_at.desc(), invites::id.desc()))
        }
    }
}

fn started<'a>(invites: Invites<'a>, query: &'a InviteQuery) -> Result<Invites<'a>, StoreError> {
    let position = match &query.start {
        Start::Offset(offset) => return Ok(invites.offset(clamp(*offset))),
        Start::After(position) => position,
    };
    // The condition on the key alone lets the database find the place in the index.
    Ok(match (query.sort, query.order, position) {
        (InviteSort::CreatedAt, Order::Ascending, Position { key: SortKey::Number(key), id }) => {
            invites
                .filter(invites::created_at.ge(key))
                .filter(invites::created_at.gt(key).or(invites::id.gt(id.get())))
        }
        (InviteSort::CreatedAt, Order::Descending, Position { key: SortKey::Number(key), id }) => {
            invites
                .filter(invites::created_at.le(key))
                .filter(invites::created_at.lt(key).or(invites::id.lt(id.get())))
        }
        _ => return Err(StoreError::unexpected("the position belongs to a list of another sort")),
    })
}

async fn count(conn: &mut Connection) -> QueryResult<Total> {
    let items: i64 = invites::table.count().get_result(conn).await?;
    Ok(Total { items: items.unsigned_abs(), exact: true })
}
