use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::accounts::{
    NewSession, RefreshDigest, Rotated, Rotation, RotationError, Session, SessionId,
    SessionRepository, SessionUser, UserId,
};
use bookshelf_domain::{StoreError, Timestamp};

use crate::users::Users;
use crate::{Memory, Tables};

#[derive(Default)]
pub(crate) struct Sessions {
    rows: BTreeMap<SessionId, Row>,
    last_id: i64,
}

struct Row {
    session: Session,
    live: RefreshDigest,
    /// In the order in which the tokens were spent.
    spent: Vec<Spent>,
}

struct Spent {
    token: RefreshDigest,
    salt: [u8; 16],
    at: Timestamp,
}

impl Row {
    fn knows(&self, token: &RefreshDigest) -> bool {
        self.live == *token || self.spent.iter().any(|spent| spent.token == *token)
    }

    /// When the session ended or expired.
    fn dead_since(&self) -> Timestamp {
        let runs_out = self.session.idle_until.min(self.session.expires_at);
        self.session.ended_at.map_or(runs_out, |ended| ended.min(runs_out))
    }

    fn check_live(&self, at: Timestamp) -> Result<(), RotationError> {
        match &self.session {
            session if session.ended_at.is_some() => Err(RotationError::Ended),
            session if !session.is_live(at) => Err(RotationError::Expired),
            _ => Ok(()),
        }
    }

    fn rotate(&mut self, rotation: &Rotation, users: &Users) -> Result<Rotated, RotationError> {
        self.check_live(rotation.at)?;
        if self.live == rotation.shown {
            let Rotation { shown: token, salt, at, .. } = *rotation;
            self.spent.push(Spent { token, salt, at });
            self.live = rotation.successor;
            self.session.last_used_at = rotation.at;
            self.session.idle_until = rotation.idle_until;
            return Ok(Rotated::Fresh(self.with_user(users)?));
        }
        match self.spent.last() {
            Some(last)
                if last.token == rotation.shown && rotation.at - last.at < rotation.grace =>
            {
                Ok(Rotated::Again { salt: last.salt, session: self.with_user(users)? })
            }
            _ => {
                self.session.ended_at = Some(rotation.at);
                let Session { id: session, user_id: user, .. } = self.session;
                Err(RotationError::Reused { session, user })
            }
        }
    }

    fn with_user(&self, users: &Users) -> Result<SessionUser, StoreError> {
        let user = users
            .get(self.session.user_id)
            .ok_or_else(|| StoreError::unexpected("a session without a user"))?;
        Ok(SessionUser { session: self.session.clone(), user: user.clone() })
    }
}

impl Sessions {
    /// Ends every live session of the user except `keep`.
    pub(crate) fn end_live(&mut self, user: UserId, keep: Option<SessionId>, at: Timestamp) -> u64 {
        let mut ended = 0;
        for Row { session, .. } in self.rows.values_mut() {
            if session.user_id == user && Some(session.id) != keep && session.is_live(at) {
                session.ended_at = Some(at);
                ended += 1;
            }
        }
        ended
    }

    pub(crate) fn forget_user(&mut self, user: UserId) {
        self.rows.retain(|_, row| row.session.user_id != user);
    }
}

#[async_trait]
impl SessionRepository for Memory {
    async fn open(&self, new: NewSession) -> Result<Option<Session>, StoreError> {
        let tables = &mut *self.tables();
        if tables.users.get(new.user_id).is_none() {
            return Ok(None);
        }
        tables.sessions.last_id += 1;
        let session = Session {
            id: SessionId::new(tables.sessions.last_id),
            user_id: new.user_id,
            user_agent: new.user_agent,
            address: new.address,
            created_at: new.at,
            last_used_at: new.at,
            idle_until: new.idle_until,
            expires_at: new.expires_at,
            ended_at: None,
        };
        let row = Row { session: session.clone(), live: new.refresh, spent: Vec::new() };
        tables.sessions.rows.insert(session.id, row);
        Ok(Some(session))
    }

    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError> {
        let tables = self.tables();
        tables.sessions.rows.get(&id).map(|row| row.with_user(&tables.users)).transpose()
    }

    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError> {
        let Tables { users, sessions, .. } = &mut *self.tables();
        let mut rows = sessions.rows.values_mut();
        let row = rows.find(|row| row.knows(&rotation.shown)).ok_or(RotationError::Unknown)?;
        row.rotate(&rotation, users)
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let tables = self.tables();
        let sessions = tables.sessions.rows.values().map(|row| &row.session);
        let mut live: Vec<Session> = sessions
            .filter(|session| session.user_id == user && session.is_live(now))
            .cloned()
            .collect();
        live.sort_by_key(|session| (Reverse(session.last_used_at), Reverse(session.id)));
        Ok(live)
    }

    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        match self.tables().sessions.rows.get_mut(&id) {
            Some(Row { session, .. }) if session.user_id == user && session.is_live(at) => {
                session.ended_at = Some(at);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn end_by_token(
        &self,
        token: RefreshDigest,
        at: Timestamp,
    ) -> Result<Session, RotationError> {
        let rows = &mut self.tables().sessions.rows;
        let row = rows.values_mut().find(|row| row.knows(&token)).ok_or(RotationError::Unknown)?;
        row.check_live(at)?;
        row.session.ended_at = Some(at);
        Ok(row.session.clone())
    }

    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        Ok(self.tables().sessions.end_live(user, None, at))
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let rows = &mut self.tables().sessions.rows;
        let dead: Vec<SessionId> = rows
            .values()
            .filter(|row| row.dead_since() < before)
            .map(|row| row.session.id)
            .take(limit as usize)
            .collect();
        for id in &dead {
            rows.remove(id);
        }
        Ok(dead.len() as u64)
    }
}
