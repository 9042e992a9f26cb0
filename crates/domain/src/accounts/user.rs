use crate::accounts::{Email, PasswordHash, Role, Username};
use crate::{Change, Expected, Line, Once, Timestamp, Version};

pub type UserId = i64;
/// The name of a person, as it is shown.
pub type UserName = Line<100>;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub username: Option<Username>,
    pub name: Option<UserName>,
    pub role: Role,
    /// Raised whenever the access tokens given out so far must stop working.
    pub access_epoch: i64,
    pub version: Version,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An account about to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: Email,
    pub username: Option<Username>,
    pub name: Option<UserName>,
    pub role: Role,
    pub password_hash: PasswordHash,
    pub at: Timestamp,
    pub once: Option<Once<User>>,
}

/// The change of some fields of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserPatch {
    pub username: Change<Username>,
    pub name: Change<UserName>,
    pub role: Option<Role>,
}

/// A change of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserUpdate {
    pub id: UserId,
    pub expected: Expected,
    pub patch: UserPatch,
    pub at: Timestamp,
}
