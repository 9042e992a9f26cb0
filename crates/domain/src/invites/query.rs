use crate::invites::Invite;
use crate::{Order, Position, SortKey, SortKeyType, Start};

/// The key by which invitations are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InviteSort {
    /// The time of the creation.
    CreatedAt,
}

impl InviteSort {
    /// Returns the type of the key.
    pub const fn key_type(self) -> SortKeyType {
        match self {
            Self::CreatedAt => SortKeyType::Number,
        }
    }

    /// The position of an invitation in a list that is sorted this way.
    pub fn position(self, invite: &Invite) -> Position<Invite> {
        let key = match self {
            Self::CreatedAt => SortKey::Number(invite.created_at.timestamp_micros()),
        };
        Position { key, id: invite.id }
    }
}

/// One page of invitations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteQuery {
    /// The key of the order.
    pub sort: InviteSort,
    /// The direction of the order.
    pub order: Order,
    /// Where the page begins.
    pub start: Start<Invite>,
    /// How many invitations the page has at most.
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
