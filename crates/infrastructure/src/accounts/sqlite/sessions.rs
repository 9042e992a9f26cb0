use async_trait::async_trait;
use bookshelf_domain::accounts::{
    NewSession, Rotated, Rotation, RotationError, Session, SessionId, SessionRepository,
    SessionUser, UserId,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::session_rotation::rotate;
use crate::accounts::rows::{
    NewRefreshTokenRow, NewSessionRow, SessionRow, SessionUserRow, is_live,
};
use crate::failure::Failure;
use crate::schema::{refresh_tokens, sessions, users};
use crate::sqlite::Sqlite;

/// The sessions in a SQLite database.
#[derive(Clone)]
pub struct SqliteSessionRepository {
    sqlite: Sqlite,
}

impl SqliteSessionRepository {
    pub fn new(sqlite: Sqlite) -> Self {
        Self { sqlite }
    }
}

#[async_trait]
impl SessionRepository for SqliteSessionRepository {
    async fn open(&self, session: NewSession) -> Result<Option<Session>, StoreError> {
        let row = self.sqlite.write(move |conn| open(conn, &session)).await?;
        row.map(Session::try_from).transpose()
    }

    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError> {
        let row = self.sqlite.read(move |conn| find(conn, id)).await?;
        row.map(SessionUser::try_from).transpose()
    }

    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError> {
        // A refusal is an outcome to the database: the end of a session is written with it.
        self.sqlite.write(move |conn| rotate(conn, &rotation)).await?
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = self.sqlite.scan(move |conn| list_live(conn, user, now)).await?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        self.sqlite
            .write(move |conn| {
                let session = sessions::table.find(id).filter(sessions::user_id.eq(user));
                Ok(diesel::update(session.filter(is_live(at)))
                    .set(sessions::ended_at.eq(at.timestamp_micros()))
                    .execute(conn)?
                    > 0)
            })
            .await
    }

    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        self.sqlite.write(move |conn| Ok(end_live(conn, user, None, at)? as u64)).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sqlite.write(move |conn| purge(conn, before, limit)).await
    }
}

type Outcome<T> = Result<T, Failure<StoreError>>;

fn find(conn: &mut SqliteConnection, id: SessionId) -> Outcome<Option<SessionUserRow>> {
    Ok(sessions::table
        .find(id)
        .inner_join(users::table)
        .select(SessionUserRow::as_select())
        .get_result(conn)
        .optional()?)
}

fn list_live(
    conn: &mut SqliteConnection,
    user: UserId,
    now: Timestamp,
) -> Outcome<Vec<SessionRow>> {
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(is_live(now))
        .order((sessions::last_used_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(conn)?)
}

fn open(conn: &mut SqliteConnection, session: &NewSession) -> Outcome<Option<SessionRow>> {
    let opened = diesel::insert_into(sessions::table)
        .values(NewSessionRow::from(session))
        .returning((SessionRow::as_returning(), sessions::id))
        .get_result::<(SessionRow, SessionId)>(conn);
    let (row, session_id) = match opened {
        Ok(opened) => opened,
        Err(Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    diesel::insert_into(refresh_tokens::table)
        .values(NewRefreshTokenRow {
            digest: &session.refresh,
            session_id,
            generation: 1,
            created_at: session.at.timestamp_micros(),
        })
        .execute(conn)?;
    Ok(Some(row))
}

/// Ends every live session of the user but `keep`, and returns how many.
pub(super) fn end_live(
    conn: &mut SqliteConnection,
    user: UserId,
    keep: Option<SessionId>,
    at: Timestamp,
) -> QueryResult<usize> {
    let sessions = sessions::table.filter(sessions::user_id.eq(user)).filter(is_live(at));
    // No session has the id 0.
    diesel::update(sessions.filter(sessions::id.ne(keep.unwrap_or(0))))
        .set(sessions::ended_at.eq(at.timestamp_micros()))
        .execute(conn)
}

fn purge(conn: &mut SqliteConnection, before: Timestamp, limit: u32) -> Outcome<u64> {
    let dead_sessions = diesel::alias!(sessions as dead_sessions);
    let dead = dead_sessions
        .filter(dead_sessions.field(sessions::dead_at).lt(before.timestamp_micros()))
        .select(dead_sessions.field(sessions::id))
        .limit(limit.into());
    let purged = diesel::delete(sessions::table.filter(sessions::id.eq_any(dead)));
    Ok(purged.execute(conn)? as u64)
}
