use crate::invites::Invite;
use crate::{Order, Position, SortKey, SortKeyType, Start};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InviteSort {
    CreatedAt,
}

impl InviteSort {
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
    pub sort: InviteSort,
    pub order: Order,
    pub start: Start<Invite>,
    pub limit: u32,
    /// Whether to count the total.
    pub count: bool,
}
