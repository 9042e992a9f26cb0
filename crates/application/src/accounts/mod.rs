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

use std::fmt;
use std::sync::Arc;

use bookshelf_domain::accounts::{
    AccessTokens, Password, PasswordHasher, SessionRepository, StoredCredentials, User,
    UserRepository,
};
use bookshelf_domain::{Clock, Random, error_chain};
use chrono::TimeDelta;

use crate::Error;

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
    pub hasher: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn AccessTokens>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// The use cases of accounts.
#[derive(Clone)]
pub struct Accounts {
    ports: AccountPorts,
    limits: SessionLimits,
}

impl Accounts {
    pub fn new(ports: AccountPorts, limits: SessionLimits) -> Self {
        Self { ports, limits }
    }

    /// Checks a password and returns the credentials that it was checked against. This takes the
    /// same time whether or not there is an account.
    async fn verify(
        &self,
        password: String,
        stored: Option<StoredCredentials>,
    ) -> Result<StoredCredentials, Error> {
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let matches = self.ports.hasher.verify(password.clone(), hash).await?;
        let stored = stored.filter(|_| matches).ok_or(Error::InvalidCredentials)?;
        if self.ports.hasher.is_outdated(&stored.password_hash)
            && let Err(error) = self.replace_hash_of(&stored, password).await
        {
            // The login continues. The next one tries to replace the hash again.
            let user_id = stored.user.id.get();
            let error = error_chain(&error);
            tracing::warn!(user_id, error, "an outdated password hash was not replaced");
        }
        Ok(stored)
    }

    async fn replace_hash_of(
        &self,
        stored: &StoredCredentials,
        password: String,
    ) -> Result<(), Error> {
        let new = self.ports.hasher.hash(Password::matched(password)).await?;
        let old = stored.password_hash.clone();
        Ok(self.ports.users.replace_hash(stored.user.id, old, new).await?)
    }
}
