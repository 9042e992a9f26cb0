use std::fmt;

use chrono::TimeDelta;

use crate::accounts::{Email, Role, UserId};
use crate::{Id, IdempotencyKey, Timestamp};

/// The id of an invitation.
pub type InviteId = Id<Invite>;

/// The SHA-256 of the token of an invitation. The token itself is never stored in the clear.
pub type InviteDigest = [u8; 32];

/// An invitation to register, without its token. It can be used once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Invite {
    /// The id.
    pub id: InviteId,
    /// Only an account with this address can be registered with it. `None` for any address.
    pub email: Option<Email>,
    /// The role of the new account.
    pub role: Role,
    /// The admin who created it. It works only while this user is an admin.
    pub created_by: UserId,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// When the invitation ends.
    pub expires_at: Timestamp,
    /// The time of the registration that used it.
    pub used_at: Option<Timestamp>,
    /// The account that was registered with it, as long as that account exists.
    pub used_by: Option<UserId>,
}

impl Invite {
    /// How long an invitation is valid, unless its creator says otherwise.
    pub const LIFETIME: TimeDelta = TimeDelta::days(7);

    /// Whether it was not used and has not expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && now < self.expires_at
    }

    /// Whether an account with this address can be registered with it.
    pub fn is_for(&self, email: &Email) -> bool {
        self.email.as_ref().is_none_or(|invited| invited.folded() == email.folded())
    }
}

/// An invitation to create.
#[derive(Clone)]
pub struct NewInvite {
    /// The email address that may register. Without one, any address may.
    pub email: Option<Email>,
    /// The role of the new user.
    pub role: Role,
    /// The admin who made the invitation.
    pub created_by: UserId,
    /// The token itself. It is stored only under an idempotency key, encrypted.
    pub token: String,
    /// The digest of the token.
    pub digest: InviteDigest,
    /// The time of its creation.
    pub at: Timestamp,
    /// When the invitation ends.
    pub expires_at: Timestamp,
    /// Recognises a retry of the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// An invitation that was just created, with its token, which is shown only now.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CreatedInvite {
    /// The invitation.
    pub invite: Invite,
    /// The token, which is shown once and not stored.
    pub token: String,
}

impl fmt::Debug for CreatedInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedInvite").field("invite", &self.invite).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite() -> Invite {
        Invite {
            id: InviteId::new(1),
            email: Some(Email::parse("Ann@Example.com").unwrap()),
            role: Role::User,
            created_by: UserId::new(2),
            created_at: "2026-11-21T06:00:00Z".parse().unwrap(),
            expires_at: "2026-11-28T06:00:00Z".parse().unwrap(),
            used_at: None,
            used_by: None,
        }
    }

    #[test]
    fn it_ends_when_it_expires_or_is_used() {
        let invite = invite();
        assert!(invite.is_live(invite.created_at));
        assert!(!invite.is_live(invite.expires_at));
        let used = Invite { used_at: Some(invite.created_at), ..invite.clone() };
        assert!(!used.is_live(invite.created_at));
    }

    #[test]
    fn the_case_of_the_invited_address_does_not_matter() {
        let is_for = |text: &str| invite().is_for(&Email::parse(text).unwrap());
        assert!(is_for("ANN@example.com"));
        assert!(!is_for("bob@example.com"));
        let open = Invite { email: None, ..invite() };
        assert!(open.is_for(&Email::parse("bob@example.com").unwrap()));
    }
}
