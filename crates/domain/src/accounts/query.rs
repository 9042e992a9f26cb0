use crate::accounts::{Role, User};
use crate::{Folded, Order, Position, SortKey, SortKeyType, Start};

/// The users to list: those that meet every given condition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// A part of the email, the username or the name.
    pub search: Option<Folded>,
    /// Only users of this role.
    pub role: Option<Role>,
}

/// The key by which users are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserSort {
    /// The email address, without its case.
    Email,
    /// The time of the registration.
    CreatedAt,
}

impl UserSort {
    /// Returns the type of the key.
    pub const fn key_type(self) -> SortKeyType {
        match self {
            Self::Email => SortKeyType::Text,
            Self::CreatedAt => SortKeyType::Number,
        }
    }

    /// The position of a user in a list that is sorted this way.
    pub fn position(self, user: &User) -> Position<User> {
        let key = match self {
            Self::Email => SortKey::Text(user.email.folded()),
            Self::CreatedAt => SortKey::Number(user.created_at.timestamp_micros()),
        };
        Position { key, id: user.id }
    }
}

/// One page of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserQuery {
    /// Which users.
    pub filter: UserFilter,
    /// The key of the order.
    pub sort: UserSort,
    /// The direction of the order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start<User>,
    /// How many users the page has at most.
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
