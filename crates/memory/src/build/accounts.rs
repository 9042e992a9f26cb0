use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{
    Email, NewSession, NewUser, PasswordHash, Role, UserId, UserName, Username,
};
use bookshelf_domain::api_keys::{NewApiKey, Permission, Permissions};
use bookshelf_domain::invites::{Invite, NewInvite};
use chrono::TimeDelta;

use super::{line, made_at, unique, unique_digest, valid};
use crate::clock::moment;

/// A user to create; see [`a_user`].
#[derive(Debug, Clone)]
#[must_use]
pub struct UserBuilder(NewUser);

/// A user with the role `user`, an address that nobody else has, and the password
/// "correct horse battery", hashed by [`PlainPasswords`](crate::PlainPasswords).
pub fn a_user() -> UserBuilder {
    let email = format!("user{}@example.com", unique());
    UserBuilder(NewUser {
        email: valid(Email::parse(&email), &email),
        username: None,
        name: None,
        role: Role::User,
        password_hash: PasswordHash::new("plain:0:correct horse battery"),
        at: made_at(),
        idempotency_key: None,
    })
}

built!(UserBuilder => NewUser, idempotency_key);

impl UserBuilder {
    /// The email address.
    #[track_caller]
    pub fn email(mut self, email: &str) -> Self {
        self.0.email = valid(Email::parse(email), email);
        self
    }

    /// The username.
    #[track_caller]
    pub fn username(mut self, username: &str) -> Self {
        self.0.username = Some(valid(Username::parse(username), username));
        self
    }

    /// The name of the person.
    #[track_caller]
    pub fn name(mut self, name: &str) -> Self {
        self.0.name = Some(valid(UserName::parse(name), name));
        self
    }

    /// With the role `admin`.
    pub fn admin(mut self) -> Self {
        self.0.role = Role::Admin;
        self
    }

    /// The password hash.
    pub fn password_hash(mut self, hash: impl Into<String>) -> Self {
        self.0.password_hash = PasswordHash::new(hash);
        self
    }
}

/// A session to open; see [`a_session`].
#[derive(Debug, Clone)]
#[must_use]
pub struct SessionBuilder(NewSession);

/// A session of this user that lives for a day, with a refresh token that no other session has.
pub fn a_session(user: UserId) -> SessionBuilder {
    let at = made_at();
    SessionBuilder(NewSession {
        user_id: user,
        refresh: unique_digest(),
        user_agent: None,
        address: None,
        at,
        idle_until: at + TimeDelta::days(1),
        expires_at: at + TimeDelta::days(1),
    })
}

impl SessionBuilder {
    /// When it is opened, as RFC 3339 writes it. It lives for a day.
    #[track_caller]
    pub fn at(mut self, time: &str) -> Self {
        self.0.at = moment(time);
        self.lives_for(TimeDelta::days(1))
    }

    /// For how long it lives, used or not.
    pub fn lives_for(mut self, time: TimeDelta) -> Self {
        self.0.idle_until = self.0.at + time;
        self.0.expires_at = self.0.at + time;
        self
    }

    /// The digest of its first refresh token.
    pub fn refresh(mut self, digest: [u8; 32]) -> Self {
        self.0.refresh = digest;
        self
    }

    /// The program that opened it.
    pub fn user_agent(mut self, name: &str) -> Self {
        self.0.user_agent = Some(name.to_owned());
        self
    }

    /// What the repository opens.
    pub fn build(self) -> NewSession {
        self.0
    }
}

/// An API key to create; see [`an_api_key`].
#[derive(Clone)]
#[must_use]
pub struct ApiKeyBuilder(NewApiKey);

/// An API key of this user that may read and write and does not expire, with a prefix that no other
/// key has.
pub fn an_api_key(user: UserId) -> ApiKeyBuilder {
    let prefix = format!("bks_{}", unique());
    ApiKeyBuilder(NewApiKey {
        user_id: user,
        name: line("a key"),
        secret: format!("{prefix}_secret"),
        prefix,
        digest: unique_digest(),
        permissions: Permissions::new([Permission::Read, Permission::Write]),
        at: made_at(),
        expires_at: None,
        idempotency_key: None,
    })
}

built!(ApiKeyBuilder => NewApiKey, idempotency_key);

impl ApiKeyBuilder {
    /// What its user calls it.
    #[track_caller]
    pub fn name(mut self, name: &str) -> Self {
        self.0.name = line(name);
        self
    }

    /// The beginning of its secret.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.0.prefix = prefix.to_owned();
        self.0.secret = format!("{prefix}_secret");
        self
    }

    /// What it may do.
    pub fn may(mut self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        self.0.permissions = Permissions::new(permissions);
        self
    }

    /// When it expires.
    pub fn expires_at(mut self, at: Timestamp) -> Self {
        self.0.expires_at = Some(at);
        self
    }
}

/// An invitation to create; see [`an_invite`].
#[derive(Clone)]
#[must_use]
pub struct InviteBuilder(NewInvite);

/// An invitation by this admin for any address, to the role `user`, with a token that no other
/// invitation has. It expires after [`Invite::LIFETIME`].
pub fn an_invite(admin: UserId) -> InviteBuilder {
    let at = made_at();
    InviteBuilder(NewInvite {
        email: None,
        role: Role::User,
        created_by: admin,
        token: format!("token {}", unique()),
        digest: unique_digest(),
        at,
        expires_at: at + Invite::LIFETIME,
        idempotency_key: None,
    })
}

built!(InviteBuilder => NewInvite, idempotency_key);

impl InviteBuilder {
    /// The only address that it is for.
    #[track_caller]
    pub fn email(mut self, email: &str) -> Self {
        self.0.email = Some(valid(Email::parse(email), email));
        self
    }

    /// The role of the account that is registered with it.
    pub fn role(mut self, role: Role) -> Self {
        self.0.role = role;
        self
    }

    /// The digest of its token.
    pub fn digest(mut self, digest: [u8; 32]) -> Self {
        self.0.digest = digest;
        self
    }

    /// When it expires.
    pub fn expires_at(mut self, at: Timestamp) -> Self {
        self.0.expires_at = at;
        self
    }
}
