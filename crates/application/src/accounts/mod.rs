//! Accounts, and the sessions of their users.

mod administration;
mod login;
mod profile;
mod refresh_token;
mod registration;
mod sessions;
#[cfg(test)]
mod tests;
mod users;

pub use refresh_token::is_refresh_token;

use std::fmt;
use std::sync::Arc;

use bookshelf_domain::Clock;
use bookshelf_domain::Random;
use bookshelf_domain::accounts::{
    AccessTokens, Password, PasswordHash, PasswordHasher, SessionRepository, StoredCredentials,
    User, UserRepository,
};
use bookshelf_domain::invites::InviteRepository;
use chrono::TimeDelta;

use crate::{AccessRules, Error};

/// How long tokens and sessions are valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    pub access_token: TimeDelta,
    /// How long a session lasts without use.
    pub refresh_idle: TimeDelta,
    /// How long a session lasts in any case, from the login on.
    pub refresh_total: TimeDelta,
    /// How long the refresh token that was spent last can be sent again.
    pub reuse_grace: TimeDelta,
}

/// The tokens that a login or a refresh returns. Their `Debug` form does not show them.
#[derive(Clone)]
pub struct TokenPair {
    pub access_token: String,
    pub refresh_token: String,
    /// How long the access token is valid.
    pub expires_in: TimeDelta,
    pub user: User,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The origin of a login, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Client {
    pub user_agent: Option<String>,
    pub address: Option<String>,
}

/// The ports that the use cases of accounts need.
#[derive(Clone)]
pub struct AccountPorts {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub invites: Arc<dyn InviteRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn AccessTokens>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// A user whose password was verified.
struct Verified {
    user: User,
    /// The hash that the password matched.
    password_hash: PasswordHash,
    /// Whether the hash is one of the prepared password, and not of the text as it was sent.
    is_prepared: bool,
}

/// The use cases of accounts.
#[derive(Clone)]
pub struct Accounts {
    ports: AccountPorts,
    limits: SessionLimits,
    rules: AccessRules,
}

impl Accounts {
    pub fn new(ports: AccountPorts, limits: SessionLimits, rules: AccessRules) -> Self {
        Self { ports, limits, rules }
    }

    /// Checks a password in each of its forms. A wrong password takes the same time whether or not
    /// there is an account.
    async fn verify(
        &self,
        password: &str,
        stored: Option<StoredCredentials>,
    ) -> Result<Verified, Error> {
        for (number, form) in Password::forms(password).enumerate() {
            let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
            let matches = self.ports.hasher.verify(form.expose().to_owned(), hash).await?;
            if let Some(credentials) = stored.as_ref().filter(|_| matches) {
                let StoredCredentials { user, password_hash } = credentials.clone();
                return Ok(Verified { user, password_hash, is_prepared: number == 0 });
            }
        }
        Err(Error::InvalidCredentials)
    }
}
