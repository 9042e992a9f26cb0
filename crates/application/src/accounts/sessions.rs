use bookshelf_domain::accounts::{Session, SessionId};
use chrono::TimeDelta;

use super::Accounts;
use crate::{Error, Owner};

/// How long a dead session is remembered, so that its tokens can be told what became of it.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl Accounts {
    /// Ends the session that the owner is in.
    pub async fn logout(&self, owner: &Owner) -> Result<(), Error> {
        self.end_session(owner, owner.session).await
    }

    /// Ends every session of the owner.
    pub async fn logout_all(&self, owner: &Owner) -> Result<(), Error> {
        let ended = self.ports.sessions.end_all(owner.user.id, self.ports.clock.now()).await?;
        tracing::info!(event = "logout_all", user_id = owner.user.id, ended, "audit");
        Ok(())
    }

    /// The live sessions of the owner, the one used last first.
    pub async fn sessions(&self, owner: &Owner) -> Result<Vec<Session>, Error> {
        Ok(self.ports.sessions.list_live(owner.user.id, self.ports.clock.now()).await?)
    }

    /// Ends one session of the owner.
    pub async fn end_session(&self, owner: &Owner, id: SessionId) -> Result<(), Error> {
        let now = self.ports.clock.now();
        if !self.ports.sessions.end(owner.user.id, id, now).await? {
            return Err(Error::NotFound("session"));
        }
        tracing::info!(event = "logout", user_id = owner.user.id, session_id = id, "audit");
        Ok(())
    }

    /// Forgets some of the sessions that have been dead for long, and tells how many.
    pub async fn purge_sessions(&self, limit: u32) -> Result<u64, Error> {
        let before = self.ports.clock.now() - REMEMBERED;
        Ok(self.ports.sessions.purge(before, limit).await?)
    }
}
