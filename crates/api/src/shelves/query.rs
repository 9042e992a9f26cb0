use bookshelf_domain::Order;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::Title;
use bookshelf_domain::shelves::{Rating, ShelfEntry, ShelfFilter, ShelfQuery, ShelfSort};
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

use super::body::StatusName;
use crate::http::{ApiError, Choice, Chosen, Page, Query, Sort, Words, read_by};
use crate::paths;

/// The filter and the sort of a shelf.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ShelfListParams {
    #[param(inline)]
    status: Option<StatusName>,
    /// The user's own rating.
    #[serde(default, deserialize_with = "rating")]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 5)]
    rating: Option<Rating>,
    /// At most 12 words, in any order. Each must be a part of the book's title or author. Text is matched as in
    /// the list of books.
    #[param(value_type = Option<String>, max_length = 200, example = "martin")]
    search: Option<Words<{ Title::MAX }>>,
    /// The default is `added_at`. Titles and authors are in the order of the Unicode Collation
    /// Algorithm (CLDR root). Entries without the sorted value come last in either order.
    /// Entries with equal values are ordered by id.
    #[param(inline)]
    sort: Option<ShelfSortName>,
}

pub(super) fn read(
    text: &str,
    user: UserId,
) -> Result<(ShelfQuery, Page<ShelfSort, ShelfEntry>), ApiError> {
    let mut query = Query::parse(text)?;
    let params: ShelfListParams = query.read()?;
    let page = Page::read_own(query, paths::SHELF, user, params.sort, ShelfSort::key_type)?;
    let query = ShelfQuery {
        user,
        filter: params.into(),
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

impl From<ShelfListParams> for ShelfFilter {
    fn from(params: ShelfListParams) -> Self {
        Self {
            status: params.status.map(|status| *status.value),
            rating: params.rating,
            search: params.search.unwrap_or_default().0,
        }
    }
}

fn rating<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rating>, D::Error> {
    read_by(deserializer, Rating::new)
}

type ShelfSortName = Chosen<Sort<ShelfSort>>;

impl Choice for Sort<ShelfSort> {
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("added_at", Sort { by: ShelfSort::AddedAt, order: Order::Descending }),
        ("title", Sort { by: ShelfSort::Title, order: Order::Ascending }),
        ("author", Sort { by: ShelfSort::Author, order: Order::Ascending }),
        ("rating", Sort { by: ShelfSort::Rating, order: Order::Ascending }),
        ("finished_on", Sort { by: ShelfSort::FinishedOn, order: Order::Ascending }),
    ];
}
