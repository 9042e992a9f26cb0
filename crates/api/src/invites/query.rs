use bookshelf_domain::Order;
use bookshelf_domain::invites::{Invite, InviteQuery, InviteSort};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{ApiError, Choice, Chosen, Page, Query, Sort};
use crate::paths;

/// The sort of a list of invitations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InviteListParams {
    /// The default is `created_at`.
    #[param(inline)]
    sort: Option<InviteSortName>,
}

pub(super) fn read(text: &str) -> Result<(InviteQuery, Page<InviteSort, Invite>), ApiError> {
    let mut query = Query::parse(text)?;
    let params: InviteListParams = query.read()?;
    let page = Page::read(query, paths::INVITES, params.sort, InviteSort::key_type)?;
    let query = InviteQuery {
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

type InviteSortName = Chosen<Sort<InviteSort>>;

impl Choice for Sort<InviteSort> {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("created_at", Sort { by: InviteSort::CreatedAt, order: Order::Descending })];
}
