use std::sync::Arc;

use futures_util::{Stream, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::call::Call;
use crate::exchange::Inner;

/// A resource with its entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged<T> {
    /// The resource.
    pub value: T,
    /// The tag of this state. A change that is given the tag is refused with
    /// [`Reason::PreconditionFailed`](crate::Reason::PreconditionFailed) if somebody else has changed
    /// the resource meanwhile.
    pub etag: Option<String>,
}

/// The new value of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Change<T> {
    /// The field keeps its value.
    #[default]
    Keep,
    /// The field has no value any more.
    Clear,
    /// The field gets this value.
    Set(T),
}

impl<T> Change<T> {
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T> From<T> for Change<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// Which part of a list is wanted. The default is the first page in the default order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Paging {
    /// The number of the page, counted from 1.
    pub page: Option<u64>,
    /// The length of a page, 100 at most.
    pub per_page: Option<u32>,
    /// The order of the sort.
    pub order: Option<Order>,
    /// Where to read on: the `next_cursor` of a page of the same list.
    pub cursor: Option<String>,
    /// Whether to count the list.
    pub count: Option<Count>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// How the length of a list is determined. If nothing is said, it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    /// Not at all, which is faster.
    None,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The resources.
    #[serde(rename = "data")]
    pub items: Vec<T>,
    /// The place of the page.
    pub pagination: Pagination,
}

/// The place of a page in its list. A page that was read by a cursor has no number and no totals.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Pagination {
    /// The number of the page.
    pub page: Option<u64>,
    /// The length of a page.
    pub per_page: u32,
    /// How many resources match, counted up to 10,000.
    pub total_items: Option<u64>,
    /// How many pages these are.
    pub total_pages: Option<u64>,
    /// Whether there are no more than `total_items`.
    pub total_is_exact: Option<bool>,
    /// Whether there is another page.
    pub has_next: bool,
    /// Where to read on.
    pub next_cursor: Option<String>,
}

/// A request for a list: the filters and the place.
pub(crate) trait Query: Serialize {
    fn paging(&mut self) -> &mut Paging;
}

pub(crate) async fn page<T: DeserializeOwned>(
    client: &Arc<Inner>,
    path: &str,
    query: &impl Query,
) -> Result<Page<T>, Error> {
    client.send(Call::get(path).query(query)?).await?.json()
}

/// Reads a list from the place that the query names to its end, a page at a time.
pub(crate) fn all<T: DeserializeOwned + Send + 'static>(
    client: &Arc<Inner>,
    path: &'static str,
    mut query: impl Query + Send + Sync + 'static,
) -> impl Stream<Item = Result<T, Error>> + Send + 'static {
    let client = client.clone();
    query.paging().count = Some(Count::None);
    query.paging().per_page.get_or_insert(100);
    let pages = stream::try_unfold(Some(query), move |place| {
        let client = client.clone();
        async move {
            let Some(mut query) = place else { return Ok::<_, Error>(None) };
            let page: Page<T> = page(&client, path, &query).await?;
            let next = page.pagination.next_cursor.map(|cursor| {
                let paging = query.paging();
                paging.page = None;
                paging.cursor = Some(cursor);
                query
            });
            Ok(Some((stream::iter(page.items.into_iter().map(Ok)), next)))
        }
    });
    pages.try_flatten()
}
