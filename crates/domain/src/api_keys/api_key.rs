use std::fmt;
use std::str::FromStr;

use crate::accounts::{User, UserId};
use crate::{Fault, Line, Once, Timestamp};

pub type ApiKeyId = i64;
pub type ApiKeyName = Line<100>;

/// The SHA-256 of an API key; the key itself is never kept.
pub type ApiKeyDigest = [u8; 32];

/// What a key allows its bearer to do in its owner's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// GET and HEAD.
    Read,
    /// Everything that changes something.
    Write,
    /// To count as the admin that the owner is.
    Admin,
}

impl Permission {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| Fault::new("must each be \"read\", \"write\" or \"admin\""))
    }
}

/// A set of permissions, in the order of [`Permission`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions(Vec<Permission>);

impl Permissions {
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Self {
        let mut permissions: Vec<_> = permissions.into_iter().collect();
        permissions.sort();
        permissions.dedup();
        Self(permissions)
    }

    /// At least one, each of them known.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, Fault> {
        if texts.is_empty() {
            return Err(Fault::new("must name at least one permission"));
        }
        texts.iter().map(|text| text.as_ref().parse()).collect::<Result<Vec<_>, _>>().map(Self::new)
    }

    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.iter().copied()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub user_id: UserId,
    pub name: ApiKeyName,
    /// The beginning of the key, by which people tell keys apart and the store finds them.
    pub prefix: String,
    pub permissions: Permissions,
    pub created_at: Timestamp,
    /// To the minute or so: it is not written on every request.
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A key about to be made.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    pub user_id: UserId,
    pub name: ApiKeyName,
    pub prefix: String,
    pub digest: ApiKeyDigest,
    pub permissions: Permissions,
    pub at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub once: Option<Once<ApiKey>>,
}

/// A key, what it is checked against, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyUser {
    pub key: ApiKey,
    pub digest: ApiKeyDigest,
    pub user: User,
}
