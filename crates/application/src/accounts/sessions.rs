use bookshelf_domain::accounts::{Session, SessionId};
use chrono::TimeDelta;

use super::Accounts;
use crate::{Actor, Error};

/// How long a dead session is remembered, so that its tokens can be told what became of it.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl Accounts {
    /// Ends the session that the actor is in.
    pub async fn logout(&self, actor: &Actor) -> Result<(), Error> {
        self.end_session(actor, actor.session).await
    }

    /// Ends every session of the actor.
    pub async fn logout_all(&self, actor: &Actor) -> Result<(), Error> {
        let ended = self.ports.sessions.end_all(actor.user.id, self.ports.clock.now()).await?;
        tracing::info!(event = "logout_all", user_id = actor.user.id, ended, "audit");
        Ok(())
    }

    /// The live sessions of the actor, the one used last first.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<Session>, Error> {
        Ok(self.ports.sessions.list_live(actor.user.id, self.ports.clock.now()).await?)
    }

    /// Ends one session of the actor.
    pub async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<(), Error> {
        let now = self.ports.clock.now();
        if !self.ports.sessions.end(actor.user.id, id, now).await? {
            return Err(Error::NotFound("session"));
        }
        tracing::info!(event = "logout", user_id = actor.user.id, session_id = id, "audit");
        Ok(())
    }

    /// Forgets some of the sessions that have been dead for long, and tells how many.
    pub async fn purge_sessions(&self, limit: u32) -> Result<u64, Error> {
        let before = self.ports.clock.now() - REMEMBERED;
        Ok(self.ports.sessions.purge(before, limit).await?)
    }
}
