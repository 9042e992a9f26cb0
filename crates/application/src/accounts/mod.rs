//! Accounts: who somebody is, and the sessions in which they act.

mod administration;
mod login;
mod profile;
mod refresh_token;
mod registration;
mod sessions;
#[cfg(test)]
pub(crate) mod tests;
mod users;

use std::sync::Arc;

use bookshelf_domain::accounts::{
    AccessTokens, Password, PasswordHasher, SessionRepository, StoredCredentials, User,
    UserRepository,
};
use bookshelf_domain::{Clock, DraftContext, Intent, Random};
use chrono::TimeDelta;

use crate::{Error, Retries};

/// How long tokens and sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    pub access_token: TimeDelta,
    /// Without use.
    pub refresh_idle: TimeDelta,
    /// From the login on, however much it is used.
    pub refresh_total: TimeDelta,
    /// How long the refresh token spent last can be shown again.
    pub reuse_grace: TimeDelta,
}

/// What a login or a refresh gives.
#[derive(Debug, Clone)]
pub struct TokenPair {
    pub access_token: String,
    pub refresh_token: String,
    /// The life of the access token.
    pub expires_in: TimeDelta,
    pub user: User,
}

/// Where a login came from, as far as it is known.
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
    pub retries: Retries,
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

    fn context(&self, intent: Intent) -> DraftContext {
        DraftContext { intent, now: self.ports.clock.now() }
    }

    /// Checks a password in the same time, whether or not there is an account to check it against.
    /// Returns what it was checked against.
    async fn verify(
        &self,
        password: String,
        stored: Option<StoredCredentials>,
    ) -> Result<StoredCredentials, Error> {
        let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
        let matches = self.ports.hasher.verify(password.clone(), hash).await?;
        let stored = stored.filter(|_| matches).ok_or(Error::InvalidCredentials)?;
        if self.ports.hasher.is_outdated(&stored.password_hash)
            && let Err(error) = self.renew_hash(&stored, password).await
        {
            // The password is right all the same, and there will be another login.
            tracing::warn!(user_id = stored.user.id, %error, "a hash was not made anew");
        }
        Ok(stored)
    }

    async fn renew_hash(&self, stored: &StoredCredentials, password: String) -> Result<(), Error> {
        let new = self.ports.hasher.hash(Password::matched(password)).await?;
        let old = stored.password_hash.clone();
        Ok(self.ports.users.replace_hash(stored.user.id, old, new).await?)
    }
}
