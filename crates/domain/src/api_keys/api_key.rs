use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::accounts::{User, UserId};
use crate::{Fault, FaultCode, Id, IdempotencyKey, Line, Timestamp};

/// The id of an API key.
pub type ApiKeyId = Id<ApiKey>;
/// The name of an API key, 1 to 100 characters.
pub type ApiKeyName = Line<100>;

/// The SHA-256 of an API key.
pub type ApiKeyDigest = [u8; 32];

/// A permission of an API key, which acts for its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Permission {
    /// Reading what the owner may read.
    Read,
    /// Changing what the owner may change.
    Write,
    /// Acting as an admin, where the owner is one.
    Admin,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// Returns the name of the permission, such as `write`.
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
        Self::ALL.into_iter().find(|permission| permission.as_str() == text).ok_or_else(|| {
            Fault::new(FaultCode::InvalidChoice, "must each be \"read\", \"write\" or \"admin\"")
        })
    }
}

/// A set of permissions, in the order of [`Permission`].
// The set of the standard library does what is needed here. The crate `enumset` would add two
// dependencies and save no line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Permissions(BTreeSet<Permission>);

impl Permissions {
    /// Collects permissions. Repeated ones count once.
    pub fn new(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self(permissions.into_iter().collect())
    }

    /// Parses a set of at least one permission.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, Fault> {
        if texts.is_empty() {
            return Err(Fault::new(FaultCode::Required, "must name at least one permission"));
        }
        texts.iter().map(|text| text.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether the permission is among them.
    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Returns the permissions in the order of [`Permission::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        self.0.iter().copied()
    }
}

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The user whose requests the key makes.
    pub user_id: UserId,
    /// The name that the user gave the key.
    pub name: ApiKeyName,
    /// The beginning of the secret. It tells keys apart, and the repository finds a key by it.
    pub prefix: String,
    /// What the key may do.
    pub permissions: Permissions,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of the last use, which is up to a minute old, because not every request writes it.
    pub last_used_at: Option<Timestamp>,
    /// When the key ends, if it does.
    pub expires_at: Option<Timestamp>,
}

impl ApiKey {
    /// The number of keys that a user may have. Each key has its own share of requests.
    pub const MAX: i64 = 20;

    /// Returns whether the key has not expired at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// An API key to create.
#[derive(Clone)]
pub struct NewApiKey {
    /// The user whose requests the key makes.
    pub user_id: UserId,
    /// The name.
    pub name: ApiKeyName,
    /// The first characters of the secret, by which the user recognises the key.
    pub prefix: String,
    /// The key itself. It is stored only under an idempotency key, encrypted.
    pub secret: String,
    /// The digest of the secret.
    pub digest: ApiKeyDigest,
    /// What the key may do.
    pub permissions: Permissions,
    /// The time of its creation.
    pub at: Timestamp,
    /// When the key ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// Recognises a retry of the same request.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// An API key that was just created, with its secret, which is shown only now.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKey,
    /// The secret, which is shown once and not stored.
    pub secret: String,
}

impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// An API key with the digest of its secret and its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyUser {
    /// The key.
    pub key: ApiKey,
    /// The digest of the secret.
    pub digest: ApiKeyDigest,
    /// The user whose requests the key makes.
    pub user: User,
}
