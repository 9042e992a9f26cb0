//! Access control.
//!
//! The signature of a use case says who may call it: it takes a [`Reader`], [`Writer`],
//! [`CatalogueWriter`], [`AdminReader`], [`AdminWriter`], [`Owner`] or [`Operator`]. A use case that
//! everybody may call takes none of them. The first six come only from a [`Caller`], and a [`Caller`]
//! comes only from the check of credentials, which also gives it the rules of the server. So a program that calls the use cases from Rust obeys the same rules as a
//! client of the API.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use bookshelf_domain::accounts::{Role, SessionId, User, UserId};
use bookshelf_domain::api_keys::{ApiKeyId, ApiKeyUser, Permission, Permissions};
use bookshelf_domain::shelves::WhenUnknown;

use crate::{AccessRules, CatalogueWrites, Error};

/// A user whose credentials were checked, and what the credentials allow.
#[derive(Debug, Clone)]
pub struct Caller {
    user: User,
    /// The role in which the caller acts. It is `user` if an API key lacks the permission `admin`, even
    /// if the user is an admin.
    role: Role,
    permissions: Permissions,
    credentials: Credentials,
    rules: AccessRules,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credentials {
    Session(SessionId),
    ApiKey(ApiKeyId),
}

/// The name under which requests are counted: by rate limits, idempotency keys and shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Principal {
    User(UserId),
    ApiKey(ApiKeyId),
    /// A client without credentials; see [`Principal::for_rate_limits`] and
    /// [`Principal::for_shares`].
    Address(Option<IpAddr>),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::ApiKey(id) => write!(f, "api_key:{id}"),
            Self::Address(Some(address)) => write!(f, "address:{address}"),
            Self::Address(None) => f.write_str("address:none"),
        }
    }
}

impl Principal {
    /// The name under which rate limits and idempotency keys count a client without credentials, by
    /// its address if it has one. Only the first 64 bits of an IPv6 address count, because a household
    /// gets at least a network of that size and can use every address in it.
    pub fn for_rate_limits(address: Option<IpAddr>) -> Self {
        Self::in_network(address, 64)
    }

    /// The name under which the shares in what runs at once count a client without credentials. Only
    /// the first 56 bits of an IPv6 address count, because a customer usually gets a network of that
    /// size, and could take 256 shares with networks of 64 bits.
    pub fn for_shares(address: Option<IpAddr>) -> Self {
        Self::in_network(address, 56)
    }

    /// A client without credentials, by its address, or by its network if it has an IPv6 address.
    fn in_network(address: Option<IpAddr>, bits: u32) -> Self {
        Self::Address(address.map(|address| match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let rest = Ipv6Addr::BITS - bits;
                Ipv6Addr::from_bits(address.to_bits() >> rest << rest).into()
            }
        }))
    }
}

impl Caller {
    /// Only for a session whose access token was verified.
    pub(crate) fn in_session(user: User, session: SessionId, rules: AccessRules) -> Self {
        Self {
            role: user.role,
            permissions: Permissions::new(Permission::ALL),
            credentials: Credentials::Session(session),
            user,
            rules,
        }
    }

    /// Only for an API key whose secret was verified.
    pub(crate) fn with_api_key(found: ApiKeyUser, rules: AccessRules) -> Self {
        let is_admin_key = found.key.permissions.contains(Permission::Admin);
        Self {
            role: if is_admin_key { found.user.role } else { Role::User },
            permissions: found.key.permissions,
            credentials: Credentials::ApiKey(found.key.id),
            user: found.user,
            rules,
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

    /// Whether the caller may add and change books, if it may write at all.
    pub(crate) fn may_write_catalogue(&self) -> bool {
        match self.rules.catalogue_writes {
            CatalogueWrites::Users => true,
            CatalogueWrites::Admins => self.role == Role::Admin,
        }
    }

    pub fn into_catalogue_writer(self) -> Result<CatalogueWriter, Error> {
        self.require(Permission::Write)?;
        if !self.may_write_catalogue() {
            self.log_refusal("admin");
            return Err(Error::CatalogueWriteRefused);
        }
        Ok(CatalogueWriter(self))
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

/// A [`Writer`] who may add and change books. If the rules of the server let only admins do this
/// ([`CatalogueWrites`]), it is an admin.
#[derive(Debug, Clone)]
pub struct CatalogueWriter(Caller);

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

    /// What happens to a book that the caller puts on the shelf and the catalogue does not have. Only
    /// a caller who may write the catalogue adds it there.
    pub(crate) fn when_unknown(&self) -> WhenUnknown {
        if self.0.may_write_catalogue() { WhenUnknown::Add } else { WhenUnknown::Refuse }
    }
}

impl CatalogueWriter {
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
        Caller::with_api_key(ApiKeyUser { key, digest: [0; 32], user }, AccessRules::default())
    }

    fn session_of(role: Role) -> Caller {
        Caller::in_session(user(1, role), SessionId::new(9), AccessRules::default())
    }

    #[test]
    fn addresses_of_one_household_share_a_name() {
        type Name = fn(Option<IpAddr>) -> Principal;
        let names: [(Name, u16); 2] =
            [(Principal::for_rate_limits, 1), (Principal::for_shares, 256)];
        for (name, networks) in names {
            let name = |address: &str| name(Some(address.parse().unwrap())).to_string();
            let last = format!("2001:db8:0:{:x}:ffff::2", networks - 1);
            assert_eq!(name("2001:db8::1"), name(&last));
            let next = format!("2001:db8:0:{networks:x}::1");
            assert_ne!(name("2001:db8::1"), name(&next));
            assert_ne!(name("203.0.113.1"), name("203.0.113.2"));
        }
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
    fn only_admins_write_the_catalogue_where_the_rules_say_so() {
        let rules =
            AccessRules { catalogue_writes: CatalogueWrites::Admins, ..AccessRules::default() };
        let under_rules = |caller: Caller| Caller { rules, ..caller }.into_catalogue_writer();
        let (read, write, admin) = (Permission::Read, Permission::Write, Permission::Admin);
        assert!(session_of(Role::User).into_catalogue_writer().is_ok());
        assert!(key_of(Role::User, &[write]).into_catalogue_writer().is_ok());
        assert!(under_rules(session_of(Role::Admin)).is_ok());
        assert!(under_rules(key_of(Role::Admin, &[write, admin])).is_ok());
        for refused in [
            session_of(Role::User),
            key_of(Role::Admin, &[read, write]),
            key_of(Role::User, &[write, admin]),
        ] {
            let error = under_rules(refused).unwrap_err();
            assert!(matches!(error, Error::CatalogueWriteRefused), "{error}");
        }
        let error = under_rules(key_of(Role::Admin, &[read, admin])).unwrap_err();
        assert!(matches!(error, Error::PermissionMissing(Permission::Write)), "{error}");
    }

    #[test]
    fn a_key_is_never_the_owner_of_the_account() {
        let key = key_of(Role::Admin, &Permission::ALL);
        assert!(matches!(key.into_owner(), Err(Error::SessionRequired)));
    }
}
