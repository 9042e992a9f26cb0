use crate::accounts::{Email, Role};
use crate::draft::{FieldReader, parse_expiry};
use crate::invites::Invite;
use crate::{Change, Faults, Timestamp};

/// An invitation as an admin asked for it, unchecked.
#[derive(Debug, Clone, Default)]
pub struct InviteDraft {
    /// The email address that may register, unchecked.
    pub email: Change<String>,
    /// The role of the new user, unchecked.
    pub role: Change<String>,
    /// The end as RFC 3339 has it, unchecked.
    pub expires_at: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

/// The fields of an invitation that its creator chooses, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteFields {
    /// The email address that may register. Without one, any address may.
    pub email: Option<Email>,
    /// The role of the new user.
    pub role: Role,
    /// When the invitation ends.
    pub expires_at: Timestamp,
}

impl InviteDraft {
    /// Checks every field, and returns all faults at once.
    pub fn into_fields(self, now: Timestamp) -> Result<InviteFields, Faults> {
        let mut read = FieldReader::new(self.faults);
        let email = read.optional("email", self.email, |text| Email::parse(text));
        let role = read.optional("role", self.role, |text| text.parse());
        let expires_at =
            read.optional("expires_at", self.expires_at, |text| parse_expiry(text, now));
        read.finish(|| {
            Some(InviteFields {
                email: email.into_value(),
                role: role.into_value().unwrap_or(Role::User),
                expires_at: expires_at.into_value().unwrap_or(now + Invite::LIFETIME),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_empty_draft_invites_anybody_as_a_user_for_a_week() {
        let fields = InviteDraft::default().into_fields(now()).unwrap();
        let expires_at = "2026-11-28T06:00:00Z".parse().unwrap();
        assert_eq!(fields, InviteFields { email: None, role: Role::User, expires_at });
    }

    #[test]
    fn every_fault_is_named() {
        let draft = InviteDraft {
            email: Change::Set("ann".into()),
            role: Change::Set("king".into()),
            expires_at: Change::Set("2026-11-21T06:00:00Z".into()),
            faults: Faults::default(),
        };
        let faults = draft.into_fields(now()).unwrap_err();
        let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(fields, ["email", "expires_at", "role"]);
    }
}
