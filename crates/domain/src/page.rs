use crate::{CollationKey, Folded, Id};

/// The total of a filtered list is counted up to this number. A longer list has this number as the
/// lower bound of its total.
pub const COUNT_LIMIT: u64 = 10_000;

/// The direction of a sort. Equal keys are ordered by id in the same direction. Resources without
/// the key come last in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The smallest key first.
    Ascending,
    /// The largest key first.
    Descending,
}

impl Order {
    /// Returns the other direction.
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// Where a list of `T` starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start<T> {
    /// After this number of resources.
    Offset(u64),
    /// After the resource at this position, which need not exist any more.
    After(Position<T>),
}

/// The place of a `T` in a sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position<T> {
    /// The sort key of the resource.
    pub key: SortKey,
    /// The id of the resource, which distinguishes resources with equal keys.
    pub id: Id<T>,
}

/// The value by which a resource is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKey {
    /// Ordered by code point.
    Text(Folded),
    /// Ordered by the Unicode Collation Algorithm.
    Collated(CollationKey),
    /// A whole number, or a time in microseconds since 1970.
    Number(i64),
    /// The resource has no value.
    Missing,
}

impl SortKey {
    /// The key of a resource that is sorted by this text, in the order that readers expect.
    pub fn collated(text: &str) -> Self {
        Self::Collated(CollationKey::new(text))
    }

    /// The key of a resource that is sorted by this number, which it may not have.
    pub fn optional(number: Option<i64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }
}

/// Which [`SortKey`]s a sort has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKeyType {
    /// A [`Folded`] text.
    Text,
    /// The bytes of a [`CollationKey`](crate::CollationKey).
    Collated,
    /// A whole number, or a time in microseconds since 1970.
    Number,
    /// A number, or [`SortKey::Missing`].
    OptionalNumber,
}

impl SortKeyType {
    /// Whether a resource can be without the key.
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::OptionalNumber)
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The resources of the page, in their order.
    pub items: Vec<T>,
    /// Whether more resources follow.
    pub has_next: bool,
    /// `None` when the query did not ask for it.
    pub total: Option<Total>,
}

/// How many resources a whole list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// The number of resources on all pages.
    pub items: u64,
    /// False when the list has more than [`COUNT_LIMIT`] resources. Then `items` is that limit.
    pub exact: bool,
}
