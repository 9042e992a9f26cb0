use crate::accounts::{Role, User};
use crate::{Folded, Order, Position, SortKey, Start};

/// Which users; every condition that is there must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserFilter {
    /// A part of the email, the username or the name.
    pub search: Option<Folded>,
    pub role: Option<Role>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserSort {
    Email,
    CreatedAt,
}

impl UserSort {
    /// Where a user stands in a list sorted this way.
    pub fn position(self, user: &User) -> Position {
        let key = match self {
            Self::Email => SortKey::Text(user.email.folded().into_string()),
            Self::CreatedAt => SortKey::Number(user.created_at.timestamp_micros()),
        };
        Position { key, id: user.id }
    }
}

/// One page of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserQuery {
    pub filter: UserFilter,
    pub sort: UserSort,
    pub order: Order,
    pub start: Start,
    pub limit: u32,
    /// Whether the total is wanted.
    pub count: bool,
}
