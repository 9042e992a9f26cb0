use bookshelf_domain::accounts::{UserFilter, UserQuery, UserSort};
use bookshelf_domain::{Listing, Order, Position, SortKey, Start, StoreError, Total};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{SingleValue, SqlType, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::accounts::rows::UserRow;
use crate::failure::Failure;
use crate::paging::{COUNTED, capped, clamp};
use crate::schema::users;

type Users<'a> = users::BoxedQuery<'a, Pg>;

/// Users are few: a search looks at each.
pub(super) async fn page(
    conn: &mut AsyncPgConnection,
    query: &UserQuery,
) -> Result<Listing<UserRow>, Failure<StoreError>> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut items: Vec<UserRow> = started(ordered(filtered(&query.filter), query), query)
        .map_err(Failure::Domain)?
        .limit(i64::from(query.limit) + 1)
        .select(UserRow::as_select())
        .load(conn)
        .await?;
    let has_next = items.len() > limit;
    items.truncate(limit);
    let total = if query.count { Some(count(conn, &query.filter).await?) } else { None };
    Ok(Listing { items, has_next, total })
}

fn filtered(filter: &UserFilter) -> Users<'_> {
    let mut users = users::table.into_boxed();
    if let Some(role) = filter.role {
        users = users.filter(users::role.eq(role.as_str()));
    }
    if let Some(part) = &filter.search {
        let part = part.as_str();
        users = users.filter(
            strpos(users::email_folded, part)
                .gt(0)
                .or(strpos(users::username_folded, part).gt(0))
                .or(strpos(users::name_folded, part).gt(0)),
        );
    }
    users
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Where a part begins. NULL is in nothing.
    #[sql_name = "strpos"]
    fn strpos<T: SqlType + SingleValue>(text: T, part: Text) -> Nullable<Integer>;
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
    // The bound on the key alone is there for the index.
    Ok(match (query.sort, query.order, position) {
        (UserSort::Email, Order::Ascending, Position { key: SortKey::Text(key), id }) => users
            .filter(users::email_folded.ge(key))
            .filter(users::email_folded.gt(key).or(users::id.gt(id))),
        (UserSort::Email, Order::Descending, Position { key: SortKey::Text(key), id }) => users
            .filter(users::email_folded.le(key))
            .filter(users::email_folded.lt(key).or(users::id.lt(id))),
        (UserSort::CreatedAt, Order::Ascending, Position { key: SortKey::Number(key), id }) => {
            users
                .filter(users::created_at.ge(key))
                .filter(users::created_at.gt(key).or(users::id.gt(id)))
        }
        (UserSort::CreatedAt, Order::Descending, Position { key: SortKey::Number(key), id }) => {
            users
                .filter(users::created_at.le(key))
                .filter(users::created_at.lt(key).or(users::id.lt(id)))
        }
        _ => return Err(StoreError::unexpected("a position in a list of another sort")),
    })
}

async fn count(conn: &mut AsyncPgConnection, filter: &UserFilter) -> QueryResult<Total> {
    if *filter == UserFilter::default() {
        let items: i64 = users::table.count().get_result(conn).await?;
        return Ok(Total { items: items.unsigned_abs(), exact: true });
    }
    let matching: Vec<i64> = filtered(filter).select(users::id).limit(COUNTED).load(conn).await?;
    Ok(capped(matching.len() as u64))
}
