use bookshelf_domain::accounts::{UserFilter, UserQuery, UserSort};
use bookshelf_domain::{Listing, Order, Position, SortKey, Start, StoreError, Total};
use diesel::prelude::*;

use super::conditions::contains;
use super::dialect::{Connection, Database, RunQueryDsl};
use crate::accounts::rows::UserRow;
use crate::failure::Failure;
use crate::paging::{COUNTED, capped, clamp, one_more, page_of};
use crate::schema::users;

type Users<'a> = users::BoxedQuery<'a, Database>;

/// Reads one page. There are few users, so a search tests each of them.
pub(super) async fn page(
    conn: &mut Connection,
    query: &UserQuery,
) -> Result<Listing<UserRow>, Failure<StoreError>> {
    let items = started(ordered(filtered(&query.filter), query), query)
        .map_err(Failure::Domain)?
        .limit(one_more(query.limit))
        .select(UserRow::as_select())
        .load(conn)
        .await?;
    let total = if query.count { Some(count(conn, &query.filter).await?) } else { None };
    Ok(page_of(items, query.limit, total))
}

fn filtered(filter: &UserFilter) -> Users<'_> {
    let mut users = users::table.into_boxed();
    if let Some(role) = filter.role {
        users = users.filter(users::role.eq(role.as_str()));
    }
    if let Some(part) = &filter.search {
        let part = part.as_str();
        users = users.filter(
            contains("email_folded", part)
                .or(contains("username_folded", part))
                .or(contains("name_folded", part)),
        );
    }
    users
}

fn ordered<'a>(users: Users<'a>, query: &UserQuery) -> Users<'a> {
    match (query.sort, query.order) {
        (UserSort::Email, Order::Ascending) => {
            users.order((users::email_folded.asc(), users::id.asc()))
        }
        (UserSort::Email, Order::Descending) => {
            users.order((users::email_folded.desc(), users::id.desc()))
        }
        (UserSort::CreatedAt, Order::Ascending) => {
            users.order((users::created_at.asc(), users::id.asc()))
        }
        (UserSort::CreatedAt, Order::Descending) => {
            users.order((users::created_at.desc(), users::id.desc()))
        }
    }
}

fn started<'a>(users: Users<'a>, query: &'a UserQuery) -> Result<Users<'a>, StoreError> {
    let position = match &query.start {
        Start::Offset(offset) => {
            return Ok(users.offset(clamp(*offset)));
        }
        Start::After(position) => position,
    };
    // The condition on the key alone lets the database find the place in the index.
    Ok(match (query.sort, query.order, position) {
        (UserSort::Email, Order::Ascending, Position { key: SortKey::Text(key), id }) => users
            .filter(users::email_folded.ge(key.as_str()))
            .filter(users::email_folded.gt(key.as_str()).or(users::id.gt(id.get()))),
        (UserSort::Email, Order::Descending, Position { key: SortKey::Text(key), id }) => users
            .filter(users::email_folded.le(key.as_str()))
            .filter(users::email_folded.lt(key.as_str()).or(users::id.lt(id.get()))),
        (UserSort::CreatedAt, Order::Ascending, Position { key: SortKey::Number(key), id }) => {
            users
                .filter(users::created_at.ge(key))
                .filter(users::created_at.gt(key).or(users::id.gt(id.get())))
        }
        (UserSort::CreatedAt, Order::Descending, Position { key: SortKey::Number(key), id }) => {
            users
                .filter(users::created_at.le(key))
                .filter(users::created_at.lt(key).or(users::id.lt(id.get())))
        }
        _ => return Err(StoreError::unexpected("the position belongs to a list of another sort")),
    })
}

async fn count(conn: &mut Connection, filter: &UserFilter) -> QueryResult<Total> {
    if *filter == UserFilter::default() {
        let items: i64 = users::table.count().get_result(conn).await?;
        return Ok(Total { items: items.unsigned_abs(), exact: true });
    }
    let matching: Vec<i64> = filtered(filter).select(users::id).limit(COUNTED).load(conn).await?;
    Ok(capped(matching.len() as u64))
}
