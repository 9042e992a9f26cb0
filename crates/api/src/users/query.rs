use bookshelf_domain::Order;
use bookshelf_domain::accounts::{Email, User, UserFilter, UserQuery, UserSort};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::RoleName;
use crate::http::{ApiError, Choice, Chosen, Page, Query, Search, Sort};
use crate::paths;

/// The filter and the sort of a list of users.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UserListParams {
    /// A part of the email address, the username or the name. Case is ignored.
    #[param(value_type = Option<String>, max_length = 254, example = "ann")]
    search: Option<Search<{ Email::MAX }>>,
    #[param(inline)]
    role: Option<RoleName>,
    /// The default is `created_at`.
    #[param(inline)]
    sort: Option<UserSortName>,
}

pub(super) fn read(text: &str) -> Result<(UserQuery, Page<UserSort, User>), ApiError> {
    let mut query = Query::parse(text)?;
    let params: UserListParams = query.read()?;
    let page = Page::read(query, paths::USERS, params.sort, UserSort::key_type)?;
    let query = UserQuery {
        filter: params.into(),
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

impl From<UserListParams> for UserFilter {
    fn from(params: UserListParams) -> Self {
        Self { search: Search::folded(params.search), role: params.role.map(|role| *role.value) }
    }
}

type UserSortName = Chosen<Sort<UserSort>>;

impl Choice for Sort<UserSort> {
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("created_at", Sort { by: UserSort::CreatedAt, order: Order::Descending }),
        ("email", Sort { by: UserSort::Email, order: Order::Ascending }),
    ];
}
