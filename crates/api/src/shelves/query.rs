use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{Rating, ShelfEntry, ShelfFilter, ShelfQuery, ShelfSort};
use bookshelf_domain::{Fault, FaultCode, Folded, Order};
use utoipa::IntoParams;

use super::body::StatusName;
use crate::http::{ApiError, Page, Query, Sort};
use crate::paths;

/// The first is the default.
const SORTS: [Sort<ShelfSort>; 5] = [
    Sort::new("added_at", ShelfSort::AddedAt, ShelfSort::AddedAt.key_type(), Order::Descending),
    Sort::new("title", ShelfSort::Title, ShelfSort::Title.key_type(), Order::Ascending),
    Sort::new("author", ShelfSort::Author, ShelfSort::Author.key_type(), Order::Ascending),
    Sort::new("rating", ShelfSort::Rating, ShelfSort::Rating.key_type(), Order::Ascending),
    Sort::new(
        "finished_on",
        ShelfSort::FinishedOn,
        ShelfSort::FinishedOn.key_type(),
        Order::Ascending,
    ),
];

pub(super) fn read(
    text: &str,
    user: UserId,
) -> Result<(ShelfQuery, Page<ShelfSort, ShelfEntry>), ApiError> {
    let mut query = Query::parse(text)?;
    let filter = ShelfFilter {
        status: query.parsed("status", str::parse),
        rating: query.parsed("rating", |text| {
            text.parse()
                .map_err(|_| Fault::new(FaultCode::WrongType, "must be an integer"))
                .and_then(Rating::new)
        }),
        search: query.line::<200>("search").map(|line| Folded::new(line.as_str())),
    };
    let page = Page::read_own(query, paths::SHELF, user, &SORTS)?;
    let query = ShelfQuery {
        user,
        filter,
        sort: page.sort,
        order: page.order,
        start: page.start.clone(),
        limit: page.limit,
        count: page.count,
    };
    Ok((query, page))
}

/// Which entries, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the documentation of what the reader above takes")]
pub(super) struct ShelfListParams {
    #[param(inline)]
    status: Option<StatusName>,
    /// The reader's own rating.
    #[param(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    /// A part of the book's title or author; case is ignored in every script.
    #[param(max_length = 200, example = "martin")]
    search: Option<String>,
    /// `added_at` unless another is asked for. Entries without the key come last in either order,
    /// equal keys are ordered by id.
    #[param(inline)]
    sort: Option<ShelfSortName>,
}

#[derive(utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the sorts above")]
enum ShelfSortName {
    AddedAt,
    Title,
    Author,
    Rating,
    FinishedOn,
}
