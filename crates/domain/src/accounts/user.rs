use crate::accounts::{Email, PasswordHash, Role, SessionId, Username};
use crate::{Change, Expected, Id, IdempotencyKey, Line, Timestamp, Version};

/// The id of a user.
pub type UserId = Id<User>;
/// The name of a person as it is displayed.
pub type UserName = Line<100>;

/// The account of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The email address, which no other user has in any case of its letters.
    pub email: Email,
    /// The name under which others see the user, which no other user has.
    pub username: Option<Username>,
    /// The name of the person.
    pub name: Option<UserName>,
    /// What the user may do.
    pub role: Role,
    /// A counter that grows when all access tokens issued so far must stop working.
    pub access_epoch: i64,
    /// The version, which every change increments.
    pub version: Version,
    /// The time of the registration.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// An account to create.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The email address.
    pub email: Email,
    /// The name under which others see the user.
    pub username: Option<Username>,
    /// The name of the person.
    pub name: Option<UserName>,
    /// What the user may do.
    pub role: Role,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// The time of the registration.
    pub at: Timestamp,
    /// Recognises a retry of the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The change of some fields of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserPatch {
    /// The name under which others see the user.
    pub username: Change<Username>,
    /// The name of the person.
    pub name: Change<UserName>,
    /// The new role, if it changes.
    pub role: Option<Role>,
}

/// A change of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserUpdate {
    /// The user to change.
    pub id: UserId,
    /// The versions that the writer has seen.
    pub expected: Expected,
    /// What changes.
    pub patch: UserPatch,
    /// The time of the change.
    pub at: Timestamp,
}

impl UserUpdate {
    /// The user after the change. A new role starts a new access epoch, and any change makes a new
    /// version.
    #[must_use]
    pub fn apply(self, to: &User) -> User {
        // Destructured, so that the compiler asks for a field that is added later.
        let UserPatch { username, name, role } = self.patch;
        let mut user = to.clone();
        username.apply(&mut user.username);
        name.apply(&mut user.name);
        user.role = role.unwrap_or(user.role);
        if user.role != to.role {
            user.access_epoch += 1;
        }
        if user != *to {
            user.version = user.version.next();
            user.updated_at = self.at;
        }
        user
    }
}

/// A change of a user's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordUpdate {
    /// The user whose password changes.
    pub id: UserId,
    /// The hash that the change is based on. Another change may replace it first; then this one is
    /// refused.
    pub verified: PasswordHash,
    /// The hash of the new password.
    pub new: PasswordHash,
    /// The session that does not end.
    pub keep: Option<SessionId>,
    /// The time of the change.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> User {
        User {
            id: UserId::new(1),
            email: Email::parse("ann@example.com").unwrap(),
            username: Some(Username::parse("ann").unwrap()),
            name: None,
            role: Role::User,
            access_epoch: 3,
            version: Version::new(7),
            created_at: "2026-11-21T06:00:00Z".parse().unwrap(),
            updated_at: "2026-11-21T06:00:00Z".parse().unwrap(),
        }
    }

    fn after(patch: UserPatch) -> User {
        let at = "2026-11-21T07:00:00Z".parse().unwrap();
        UserUpdate { id: UserId::new(1), expected: Expected::Any, patch, at }.apply(&ann())
    }

    #[test]
    fn a_change_of_the_role_makes_a_new_access_epoch() {
        let user = after(UserPatch { role: Some(Role::Admin), ..Default::default() });
        assert_eq!((user.role, user.access_epoch, user.version), (Role::Admin, 4, Version::new(8)));
        let user = after(UserPatch { username: Change::Clear, ..Default::default() });
        assert_eq!((user.username, user.access_epoch, user.version), (None, 3, Version::new(8)));
        assert!(user.updated_at > user.created_at);
    }

    #[test]
    fn a_patch_that_changes_nothing_keeps_the_version() {
        let same = UserPatch {
            username: Change::Set(Username::parse("ann").unwrap()),
            name: Change::Clear,
            role: Some(Role::User),
        };
        assert_eq!(after(same), ann());
        assert_eq!(after(UserPatch::default()), ann());
    }
}
