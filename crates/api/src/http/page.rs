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

const DEFAULT_PER_PAGE: u64 = 20;
const LARGEST_PER_PAGE: u64 = 100;
/// The parameters of paging itself; all others decide what is listed.
const PAGING: [&str; 6] = ["page", "per_page", "sort", "order", "cursor", "count"];

/// A way to sort a list, and the order it has unless the request asks for another.
///
/// The first of the choices of a list is its default.
#[derive(Debug)]
pub(crate) struct Sort<S> {
    pub(crate) by: S,
    pub(crate) order: Order,
    pub(crate) key_type: SortKeyType,
}

impl<S> Sort<S> {
    pub(crate) const fn new(by: S, key_type: SortKeyType, order: Order) -> Self {
        Self { by, order, key_type }
    }
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
    /// What stood in the query, without the place.
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
    ) -> Result<Self, ApiError> {
        Self::read_within(query, collection, collection, sort)
    }

    /// The same for a collection of which every user sees its own: a cursor goes with its user.
    pub(crate) fn read_own(
        query: Query,
        collection: &'static str,
        user: UserId,
        sort: Option<Chosen<Sort<S>>>,
    ) -> Result<Self, ApiError> {
        Self::read_within(query, collection, &format!("{collection} of user {user}"), sort)
    }

    fn read_within(
        mut query: Query,
        collection: &'static str,
        listed: &str,
        sort: Option<Chosen<Sort<S>>>,
    ) -> Result<Self, ApiError> {
        let PageParams { page, per_page, order, cursor, count } = query.read()?;
        let sort = sort.unwrap_or_else(Chosen::first);
        let order = order.map_or(sort.value.order, |order| *order.value);
        if page.is_some() && cursor.is_some() {
            query.fault("page", "cannot be given together with a cursor");
        }
        let pairs = query.finish()?;

        let fingerprint = fingerprint(listed, sort.name, order, &pairs);
        let limit = per_page.unwrap_or(DEFAULT_PER_PAGE).min(LARGEST_PER_PAGE);
        let start = match &cursor {
            Some(cursor) => Start::After(fingerprint.decode(cursor, sort.value.key_type)?),
            None => Start::Offset(
                (page.unwrap_or(1) - 1).saturating_mul(limit).min(i64::MAX.unsigned_abs()),
            ),
        };
        Ok(Self {
            sort: sort.value.by,
            order,
            start,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
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

    /// The answer to the whole request.
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
                // From far past the end the way back leads to the last page.
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

/// Any positive integer, however large. A schema function must bring its description itself.
fn positive(default: u64, description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .default(Some(default.into()))
        .description(Some(description))
        .build()
}

fn page_number() -> Object {
    positive(1, "From 1. Past the end there are no items.")
}

fn page_length() -> Object {
    positive(DEFAULT_PER_PAGE, "Over 100 means 100.")
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    #[param(schema_with = page_number)]
    page: Option<u64>,
    #[param(schema_with = page_length)]
    per_page: Option<u64>,
    /// Where it is not given: `desc` for `created_at` and `added_at`, `asc` for every other sort.
    #[param(inline)]
    order: Option<OrderName>,
    /// The `next_cursor` of an answer to the same filters and sort: reads on from there, at a cost
    /// that does not grow with depth, and skips or repeats nothing while others write. Not together
    /// with `page`.
    #[param(min_length = 1)]
    cursor: Option<String>,
    /// `none` leaves the totals out.
    #[param(inline)]
    count: Option<NoCountName>,
}

type OrderName = Chosen<Order>;

impl Choice for Order {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("asc", Self::Ascending), ("desc", Self::Descending)];
}

/// The wish that nothing be counted.
struct NoCount;

type NoCountName = Chosen<NoCount>;

impl Choice for NoCount {
    const CHOICES: &'static [(&'static str, Self)] = &[("none", Self)];
}
