use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue, LINK};
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::{Listing, Order, Position, SortKeyType, Start, Total};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa::openapi::{Object, ObjectBuilder, Type};

use super::ApiError;
use super::choice::{Choice, Chosen};
use super::cursor::Fingerprint;
use super::envelope::{Collection, CollectionLinks, Pagination, json_response};
use super::query::{Query, encode};

static X_TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

const DEFAULT_PER_PAGE: u32 = 20;
const LARGEST_PER_PAGE: u32 = 100;
/// The parameters of paging. All others are filters.
const PAGING: [&str; 6] = ["page", "per_page", "sort", "order", "cursor", "count"];

/// A way to sort a list, and its default order.
///
/// The first choice of a list is its default.
#[derive(Debug)]
pub(crate) struct Sort<S> {
    pub(crate) by: S,
    pub(crate) order: Order,
}

/// The page of a list that a request asks for.
#[derive(Debug)]
pub(crate) struct Page<S, T> {
    pub(crate) sort: S,
    pub(crate) order: Order,
    pub(crate) start: Start<T>,
    pub(crate) limit: u32,
    /// Whether the total is wanted.
    pub(crate) count: bool,
    collection: &'static str,
    place: Place,
    /// The parameters of the request, without `page` and `cursor`.
    parameters: Vec<(String, String)>,
    fingerprint: Fingerprint,
}

#[derive(Debug)]
enum Place {
    Number(u64),
    Cursor(String),
}

impl<S: Copy, T> Page<S, T>
where
    Sort<S>: Choice,
{
    /// Reads the parameters of paging; those of the filter and the sort were read before.
    pub(crate) fn read(
        query: Query,
        collection: &'static str,
        sort: Option<Chosen<Sort<S>>>,
        key_type: fn(S) -> SortKeyType,
    ) -> Result<Self, ApiError> {
        Self::read_within(query, collection, collection, sort, key_type)
    }

    /// Like [`Page::read`], for a collection that every user has. A cursor is valid only for its
    /// user.
    pub(crate) fn read_own(
        query: Query,
        collection: &'static str,
        user: UserId,
        sort: Option<Chosen<Sort<S>>>,
        key_type: fn(S) -> SortKeyType,
    ) -> Result<Self, ApiError> {
        Self::read_within(
            query,
            collection,
            &format!("{collection} of user {user}"),
            sort,
            key_type,
        )
    }

    fn read_within(
        mut query: Query,
        collection: &'static str,
        listed: &str,
        sort: Option<Chosen<Sort<S>>>,
        key_type: fn(S) -> SortKeyType,
    ) -> Result<Self, ApiError> {
        let PageParams { page, per_page, order, cursor, count } = query.read()?;
        let sort = sort.unwrap_or_else(Chosen::first);
        let order = order.map_or(sort.value.order, |order| *order.value);
        if page.is_some() && cursor.is_some() {
            query.fault("page", "cannot be given together with a cursor");
        }
        let pairs = query.finish()?;

        let fingerprint = fingerprint(listed, sort.name, order, &pairs);
        let limit = per_page.map_or(DEFAULT_PER_PAGE, |wanted| {
            u32::try_from(wanted).map_or(LARGEST_PER_PAGE, |wanted| wanted.min(LARGEST_PER_PAGE))
        });
        let start = match &cursor {
            Some(cursor) => Start::After(fingerprint.decode(cursor, key_type(sort.value.by))?),
            None => Start::Offset(
                (page.unwrap_or(1) - 1).saturating_mul(limit.into()).min(i64::MAX.unsigned_abs()),
            ),
        };
        Ok(Self {
            sort: sort.value.by,
            order,
            start,
            limit,
            count: cursor.is_none() && count.is_none(),
            collection,
            place: cursor.map_or(Place::Number(page.unwrap_or(1)), Place::Cursor),
            parameters: pairs
                .into_iter()
                .filter(|(name, _)| name != "page" && name != "cursor")
                .collect(),
            fingerprint,
        })
    }

    /// The response with this page, its links and its headers.
    pub(crate) fn answer<'a, V: Serialize>(
        &self,
        listing: &'a Listing<T>,
        position: impl Fn(&T) -> Position<T>,
        view: impl Fn(&'a T) -> V,
    ) -> HttpResponse {
        let last = listing.items.last().filter(|_| listing.has_next);
        let next_cursor = last.map(|last| self.fingerprint.encode(&position(last)));
        let links = self.links(listing.total, next_cursor.as_deref());
        let link = link_header(&links);
        let mut response = json_response(&Collection {
            success: true,
            data: listing.items.iter().map(view).collect(),
            pagination: self.pagination(listing.has_next, listing.total, next_cursor),
            links,
        });
        let headers = response.headers_mut();
        if let Some(link) = link {
            headers.insert(LINK, link);
        }
        if let Some(total) = listing.total {
            headers.insert(X_TOTAL_COUNT.clone(), HeaderValue::from(total.items));
        }
        response
    }

    fn pagination(
        &self,
        has_next: bool,
        total: Option<Total>,
        cursor: Option<String>,
    ) -> Pagination {
        let page = match self.place {
            Place::Number(number) => Some(number),
            Place::Cursor(_) => None,
        };
        Pagination {
            page,
            per_page: self.limit,
            total_items: total.map(|total| total.items),
            total_pages: total.map(|total| self.pages(total)),
            total_is_exact: total.map(|total| total.exact),
            has_next,
            has_prev: page.map(|page| page > 1),
            next_cursor: cursor,
        }
    }

    fn pages(&self, total: Total) -> u64 {
        total.items.div_ceil(self.limit.into())
    }

    fn links(&self, total: Option<Total>, next_cursor: Option<&str>) -> CollectionLinks {
        match &self.place {
            Place::Number(number) => {
                let last = total.filter(|total| total.exact).map(|total| self.pages(total).max(1));
                let prev = number - 1;
                // From a page past the end, the previous page is the last one.
                let prev = last.map_or(prev, |last| prev.min(last));
                CollectionLinks {
                    self_: self.link(Some(("page", &number.to_string()))),
                    first: self.link(Some(("page", "1"))),
                    prev: (prev > 0).then(|| self.link(Some(("page", &prev.to_string())))),
                    next: next_cursor
                        .map(|_| self.link(Some(("page", &number.saturating_add(1).to_string())))),
                    last: last.map(|last| self.link(Some(("page", &last.to_string())))),
                }
            }
            Place::Cursor(cursor) => CollectionLinks {
                self_: self.link(Some(("cursor", cursor))),
                first: self.link(None),
                prev: None,
                next: next_cursor.map(|next| self.link(Some(("cursor", next)))),
                last: None,
            },
        }
    }

    fn link(&self, place: Option<(&str, &str)>) -> String {
        let mut link = self.collection.to_owned();
        let parameters = self.parameters.iter().map(|(name, value)| (&**name, &**value));
        for (index, (name, value)) in parameters.chain(place).enumerate() {
            link.push(if index == 0 { '?' } else { '&' });
            encode(name, &mut link);
            link.push('=');
            encode(value, &mut link);
        }
        link
    }
}

fn fingerprint(listed: &str, sort: &str, order: Order, pairs: &[(String, String)]) -> Fingerprint {
    let order = match order {
        Order::Ascending => "asc",
        Order::Descending => "desc",
    };
    let mut filters: Vec<_> =
        pairs.iter().filter(|(name, _)| !PAGING.contains(&name.as_str())).collect();
    filters.sort();
    let filters = filters.into_iter().flat_map(|(name, value)| [name.as_str(), value.trim()]);
    Fingerprint::of([listed, sort, order].into_iter().chain(filters))
}

/// The same links as a header (RFC 8288).
fn link_header(links: &CollectionLinks) -> Option<HeaderValue> {
    let links = [
        (Some(&links.self_), "self"),
        (Some(&links.first), "first"),
        (links.prev.as_ref(), "prev"),
        (links.next.as_ref(), "next"),
        (links.last.as_ref(), "last"),
    ];
    let links: Vec<_> = links
        .into_iter()
        .filter_map(|(link, relation)| Some(format!("<{}>; rel=\"{relation}\"", link?)))
        .collect();
    HeaderValue::from_str(&links.join(", ")).ok()
}

/// The schema of a positive integer of any size. A function in `schema_with` must add the
/// description itself.
fn positive(default: u64, description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .default(Some(default.into()))
        .description(Some(description))
        .build()
}

fn page_number() -> Object {
    positive(1, "Counted from 1. A page past the end has no items.")
}

fn page_length() -> Object {
    positive(DEFAULT_PER_PAGE.into(), "The length of a page. More than 100 counts as 100.")
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    #[param(schema_with = page_number)]
    page: Option<u64>,
    #[param(schema_with = page_length)]
    per_page: Option<u64>,
    /// The default is `desc` for `created_at` and `added_at`, and `asc` for every other sort.
    #[param(inline)]
    order: Option<OrderName>,
    /// The `next_cursor` of a response to the same filters and sort. The list continues after that
    /// response, at a cost that does not grow with depth. It skips and repeats nothing while others
    /// write. Cannot be combined with `page`.
    #[param(min_length = 1)]
    cursor: Option<String>,
    /// `none` omits the totals.
    #[param(inline)]
    count: Option<NoCountName>,
}

type OrderName = Chosen<Order>;

impl Choice for Order {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("asc", Self::Ascending), ("desc", Self::Descending)];
}

/// The choice that the total is not counted.
struct NoCount;

type NoCountName = Chosen<NoCount>;

impl Choice for NoCount {
    const CHOICES: &'static [(&'static str, Self)] = &[("none", Self)];
}
