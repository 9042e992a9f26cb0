/// Up to here the total of a filtered list is counted; past it the answer is "at least so many".
pub const COUNT_LIMIT: u64 = 10_000;

/// The direction of a sort. Equal keys are ordered by id, in the same direction; resources without
/// the key come last in either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    Ascending,
    Descending,
}

/// Where a list starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many resources.
    Offset(u64),
    /// Right after this one.
    After(Position),
}

/// The place of a resource in a sorted list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub key: SortKey,
    pub id: i64,
}

/// The value that a list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortKey {
    /// Folded text, ordered by code point.
    Text(String),
    Number(i64),
    Missing,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    pub items: Vec<T>,
    pub has_next: bool,
    /// Where it was asked for.
    pub total: Option<Total>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub items: u64,
    /// False when there are more than [`COUNT_LIMIT`] and `items` says just that.
    pub exact: bool,
}
