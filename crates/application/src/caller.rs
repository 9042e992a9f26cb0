//! Access control.
//!
//! The signature of a use case says who may call it: it takes a [`Reader`], [`Writer`],
//! [`AdminReader`], [`AdminWriter`], [`Owner`] or [`Operator`]. A use case that everybody may call
//! takes none of them. The first five come only from a [`Caller`], and a [`Caller`] comes only from the
//! check of credentials. So a program that calls the use cases from Rust obeys the same rules as a
//! client of the API.

use std::fmt;

use bookshelf_domain::accounts::{Role, SessionId, User, UserId};
use bookshelf_domain::api_keys::{ApiKeyId, ApiKeyUser, Permission, Permissions};

use crate::Error;

/// A user whose credentials were checked, and what the credentials allow.
#[derive(Debug, Clone)]
pub struct Caller {
    user: User,
    /// The role in which the caller acts. It is `user` if an API key lacks the permission `admin`, even
    /// if the user is an admin.
    role: Role,
    permissions: Permissions,
    credentials: Credentials,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credentials {
    Session(SessionId),
    ApiKey(ApiKeyId),
}

/// The name under which requests are counted by rate limits and idempotency keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    User(UserId),
    ApiKey(ApiKeyId),
    /// A client without credentials.
    Anonymous,
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::ApiKey(id) => write!(f, "api_key:{id}"),
            Self::Anonymous => f.write_str("anybody"),
        }
    }
}

impl Caller {
    /// Only for a session whose access token was verified.
    pub(crate) fn in_session(user: User, session: SessionId) -> Self {
        Self {
            role: user.role,
            permissions: Permissions::new(Permission::ALL),
            credentials: Credentials::Session(session),
            user,
        }
    }

    /// Only for an API key whose secret was verified.
    pub(crate) fn with_api_key(found: ApiKeyUser) -> Self {
        let is_admin_key = found.key.permissions.contains(Permission::Admin);
        Self {
            role: if is_admin_key { found.user.role } else { Role::User },
            permissions: found.key.permissions,
            credentials: Credentials::ApiKey(found.key.id),
            user: found.user,
        }
    }

    pub const fn user(&self) -> &User {
        &self.user
    }

    pub const fn principal(&self) -> Principal {
        match self.credentials {
            Credentials::Session(_) => Principal::User(self.user.id),
            Credentials::ApiKey(id) => Principal::ApiKey(id),
        }
    }

    pub fn into_reader(self) -> Result<Reader, Error> {
        self.require(Permission::Read)?;
        Ok(Reader(self))
    }

    pub fn into_writer(self) -> Result<Writer, Error> {
        self.require(Permission::Write)?;
        Ok(Writer(self))
    }

    pub fn into_admin_reader(self) -> Result<AdminReader, Error> {
        self.require(Permission::Read)?;
        self.require_admin()?;
        Ok(AdminReader(self))
    }

    pub fn into_admin_writer(self) -> Result<AdminWriter, Error> {
        self.require(Permission::Write)?;
        self.require_admin()?;
        Ok(AdminWriter(self))
    }

    pub fn into_owner(self) -> Result<Owner, Error> {
        match self.credentials {
            Credentials::Session(session) => Ok(Owner { user: self.user, session }),
            Credentials::ApiKey(_) => {
                self.log_refusal("session");
                Err(Error::SessionRequired)
            }
        }
    }

    fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            return Ok(());
        }
        self.log_refusal(permission.as_str());
        Err(Error::PermissionMissing(permission))
    }

    fn require_admin(&self) -> Result<(), Error> {
        if self.role == Role::Admin {
            return Ok(());
        }
        self.log_refusal("admin");
        Err(Error::AdminRequired)
    }

    fn log_refusal(&self, missing: &'static str) {
        tracing::warn!(event = "access_refused", user_id = self.user.id.get(), missing, "audit");
    }
}

/// A caller who may read: a user in a session, or an API key with `read`.
#[derive(Debug, Clone)]
pub struct Reader(Caller);

/// A caller who may write: a user in a session, or an API key with `write`.
#[derive(Debug, Clone)]
pub struct Writer(Caller);

/// An admin who may read: in a session, or with an API key that has `admin` and `read`.
#[derive(Debug, Clone)]
pub struct AdminReader(Caller);

/// An admin who may write: in a session, or with an API key that has `admin` and `write`.
#[derive(Debug, Clone)]
pub struct AdminWriter(Caller);

impl Reader {
    pub const fn caller(&self) -> &Caller {
        &self.0
    }

    pub const fn user_id(&self) -> UserId {
        self.0.user.id
    }
}

impl Writer {
    pub const fn caller(&self) -> &Caller {
        &self.0
    }

    pub const fn user_id(&self) -> UserId {
        self.0.user.id
    }
}

impl AdminReader {
    pub const fn caller(&self) -> &Caller {
        &self.0
    }
}

impl AdminWriter {
    pub const fn caller(&self) -> &Caller {
        &self.0
    }

    pub const fn user_id(&self) -> UserId {
        self.0.user.id
    }
}

/// A user in a session, who may change the account itself: its password, sessions and API keys.
#[derive(Debug, Clone)]
pub struct Owner {
    user: User,
    session: SessionId,
}

impl Owner {
    pub const fn user(&self) -> &User {
        &self.user
    }

    pub const fn user_id(&self) -> UserId {
        self.user.id
    }

    pub const fn session_id(&self) -> SessionId {
        self.session
    }

    pub const fn principal(&self) -> Principal {
        Principal::User(self.user.id)
    }
}

/// The operator of the server, who runs a command on its machine.
///
/// No password protects the command line, because a person who can run it can also open the database.
#[derive(Debug, Clone, Copy)]
pub struct Operator(());

impl Operator {
    /// For programs whose user has access to the database itself, such as the command line.
    pub const fn on_this_machine() -> Self {
        Self(())
    }
}

#[cfg(test)]
mod tests {
    use bookshelf_domain::api_keys::{ApiKey, ApiKeyName};

    use super::*;
    use crate::tests::{now, user};

    fn key_of(role: Role, permissions: &[Permission]) -> Caller {
        let user = user(1, role);
        let key = ApiKey {
            id: ApiKeyId::new(4),
            user_id: user.id,
            name: ApiKeyName::parse("reports").unwrap(),
            prefix: "bks_12345678".into(),
            permissions: Permissions::new(permissions.iter().copied()),
            created_at: now(),
            last_used_at: None,
            expires_at: None,
        };
        Caller::with_api_key(ApiKeyUser { key, digest: [0; 32], user })
    }

    fn session_of(role: Role) -> Caller {
        Caller::in_session(user(1, role), SessionId::new(9))
    }

    #[test]
    fn a_session_may_do_what_its_users_role_allows() {
        for role in [Role::User, Role::Admin] {
            let is_admin = role == Role::Admin;
            assert!(session_of(role).into_reader().is_ok());
            assert!(session_of(role).into_writer().is_ok());
            assert!(session_of(role).into_owner().is_ok());
            assert_eq!(session_of(role).into_admin_reader().is_ok(), is_admin);
            assert_eq!(session_of(role).into_admin_writer().is_ok(), is_admin);
        }
    }

    #[test]
    fn a_read_only_key_cannot_write() {
        let key = || key_of(Role::Admin, &[Permission::Read, Permission::Admin]);
        assert!(key().into_reader().is_ok());
        assert!(key().into_admin_reader().is_ok());
        let missing = Error::PermissionMissing(Permission::Write).to_string();
        assert_eq!(key().into_writer().unwrap_err().to_string(), missing);
        assert_eq!(key().into_admin_writer().unwrap_err().to_string(), missing);
    }

    #[test]
    fn a_key_without_admin_makes_its_admin_a_plain_user() {
        let key = || key_of(Role::Admin, &[Permission::Read, Permission::Write]);
        assert!(matches!(key().into_admin_reader(), Err(Error::AdminRequired)));
        assert!(matches!(key().into_admin_writer(), Err(Error::AdminRequired)));
    }

    #[test]
    fn a_key_is_never_the_owner_of_the_account() {
        let key = key_of(Role::Admin, &Permission::ALL);
        assert!(matches!(key.into_owner(), Err(Error::SessionRequired)));
    }
}
