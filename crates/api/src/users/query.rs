use bookshelf_domain::accounts::{User, UserFilter, UserQuery, UserSort};
use bookshelf_domain::{Folded, Order};
use utoipa::IntoParams;

use super::body::RoleName;
use crate::http::{ApiError, Page, Query, Sort};
use crate::paths;

/// The first is the default.
const SORTS: [Sort<UserSort>; 2] = [
    Sort::new("created_at", UserSort::CreatedAt, UserSort::CreatedAt.key_type(), Order::Descending),
    Sort::new("email", UserSort::Email, UserSort::Email.key_type(), Order::Ascending),
];

pub(super) fn read(text: &str) -> Result<(UserQuery, Page<UserSort, User>), ApiError> {
    let mut query = Query::parse(text)?;
    let filter = UserFilter {
        search: query.line::<254>("search").map(|line| Folded::new(line.as_str())),
        role: query.parsed("role", str::parse),
    };
    let page = Page::read(query, paths::USERS, &SORTS)?;
    let query = UserQuery {
        filter,
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

/// Which users, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct UserListParams {
    /// A part of the email, the username or the name; case is ignored.
    #[param(max_length = 254, example = "ann")]
    search: Option<String>,
    #[param(inline)]
    role: Option<RoleName>,
    /// `created_at` unless another is asked for.
    #[param(inline)]
    sort: Option<UserSortName>,
}

#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the sorts above")]
enum UserSortName {
    CreatedAt,
    Email,
}
