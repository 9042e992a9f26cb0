use bookshelf_domain::accounts::{Session, SessionId, UserId};
use chrono::TimeDelta;

use super::Accounts;
use super::refresh_token::RefreshToken;
use crate::{Error, Owner};

/// How long an ended session stays in the database. During this time an error says why its tokens are
/// refused.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl Accounts {
    /// Ends the session that the owner is in.
    pub async fn logout(&self, owner: &Owner) -> Result<(), Error> {
        self.end_session(owner, owner.session_id()).await
    }

    /// Ends the session of a refresh token, which may be spent.
    pub async fn logout_by_refresh_token(&self, token: &str) -> Result<(), Error> {
        let token = RefreshToken::parse(token)?.digest();
        let now = self.ports.clock.now();
        let Session { id, user_id, .. } = self.ports.sessions.end_by_token(token, now).await?;
        log_logout(user_id, id);
        Ok(())
    }

    /// Ends every session of the owner.
    pub async fn logout_all(&self, owner: &Owner) -> Result<(), Error> {
        let ended = self.ports.sessions.end_all(owner.user_id(), self.ports.clock.now()).await?;
        tracing::info!(event = "logout_all", user_id = owner.user_id().get(), ended, "audit");
        Ok(())
    }

    /// The live sessions of the owner, the one used last first.
    pub async fn sessions(&self, owner: &Owner) -> Result<Vec<Session>, Error> {
        Ok(self.ports.sessions.list_live(owner.user_id(), self.ports.clock.now()).await?)
    }

    /// Ends one session of the owner.
    pub async fn end_session(&self, owner: &Owner, id: SessionId) -> Result<(), Error> {
        let now = self.ports.clock.now();
        if !self.ports.sessions.end(owner.user_id(), id, now).await? {
            return Err(Error::NotFound("session"));
        }
        log_logout(owner.user_id(), id);
        Ok(())
    }

    /// Deletes at most `limit` sessions that ended long ago, and returns how many there were.
    pub async fn purge_sessions(&self, limit: u32) -> Result<u64, Error> {
        let before = self.ports.clock.now() - REMEMBERED;
        Ok(self.ports.sessions.purge(before, limit).await?)
    }
}

fn log_logout(user: UserId, session: SessionId) {
    tracing::info!(event = "logout", user_id = user.get(), session_id = session.get(), "audit");
}
