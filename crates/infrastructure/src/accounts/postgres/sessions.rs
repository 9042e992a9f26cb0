use async_trait::async_trait;
use bookshelf_domain::accounts::{
    NewSession, Rotated, Rotation, RotationError, Session, SessionId, SessionRepository,
    SessionUser, UserId,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::dsl::array;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::session_rotation::rotate;
use crate::accounts::rows::{
    NewRefreshTokenRow, NewSessionRow, SessionRow, SessionUserRow, is_live,
};
use crate::failure::Failure;
use crate::postgres::Postgres;
use crate::schema::{refresh_tokens, sessions, users};

/// The sessions in a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresSessionRepository {
    postgres: Postgres,
}

impl PostgresSessionRepository {
    pub fn new(postgres: Postgres) -> Self {
        Self { postgres }
    }
}

#[async_trait]
impl SessionRepository for PostgresSessionRepository {
    async fn open(&self, session: NewSession) -> Result<Option<Session>, StoreError> {
        let row = self.postgres.write(async move |conn| open(conn, &session).await).await?;
        row.map(Session::try_from).transpose()
    }

    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError> {
        let row = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                Ok(sessions::table
                    .find(id)
                    .inner_join(users::table)
                    .select(SessionUserRow::as_select())
                    .get_result(conn)
                    .await
                    .optional()?)
            })
            .await?;
        row.map(SessionUser::try_from).transpose()
    }

    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError> {
        // A refusal is an outcome to the database: the end of a session is written with it.
        self.postgres.write(async move |conn| rotate(conn, &rotation).await).await?
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = self
            .postgres
            .read::<_, StoreError>(async move |conn| {
                Ok(sessions::table
                    .filter(sessions::user_id.eq(user))
                    .filter(is_live(now))
                    .order((sessions::last_used_at.desc(), sessions::id.desc()))
                    .select(SessionRow::as_select())
                    .load(conn)
                    .await?)
            })
            .await?;
        rows.into_iter().map(Session::try_from).collect()
    }

    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        self.postgres
            .statement(async move |conn| {
                let session = sessions::table.find(id).filter(sessions::user_id.eq(user));
                Ok(diesel::update(session.filter(is_live(at)))
                    .set(sessions::ended_at.eq(at.timestamp_micros()))
                    .execute(conn)
                    .await?
                    > 0)
            })
            .await
    }

    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        self.postgres
            .statement(async move |conn| Ok(end_live(conn, user, None, at).await? as u64))
            .await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.postgres.statement(async move |conn| purge(conn, before, limit).await).await
    }
}

type Outcome<T> = Result<T, Failure<StoreError>>;

async fn open(conn: &mut AsyncPgConnection, session: &NewSession) -> Outcome<Option<SessionRow>> {
    // A change of the password that is under way must not miss this session, nor whoever opens it
    // miss the change: whichever comes second waits for the other.
    let user = users::table.find(session.user_id).select(users::id).for_share();
    if user.get_result::<UserId>(conn).await.optional()?.is_none() {
        return Ok(None);
    }
    let (row, session_id) = diesel::insert_into(sessions::table)
        .values(NewSessionRow::from(session))
        .returning((SessionRow::as_returning(), sessions::id))
        .get_result::<(SessionRow, SessionId)>(conn)
        .await?;
    diesel::insert_into(refresh_tokens::table)
        .values(NewRefreshTokenRow {
            digest: &session.refresh,
            session_id,
            generation: 1,
            created_at: session.at.timestamp_micros(),
        })
        .execute(conn)
        .await?;
    Ok(Some(row))
}

/// Ends every live session of the user but `keep`, and returns how many.
pub(super) async fn end_live(
    conn: &mut AsyncPgConnection,
    user: UserId,
    keep: Option<SessionId>,
    at: Timestamp,
) -> QueryResult<usize> {
    let sessions = sessions::table.filter(sessions::user_id.eq(user)).filter(is_live(at));
    // No session has the id 0.
    diesel::update(sessions.filter(sessions::id.ne(keep.unwrap_or(0))))
        .set(sessions::ended_at.eq(at.timestamp_micros()))
        .execute(conn)
        .await
}

async fn purge(conn: &mut AsyncPgConnection, before: Timestamp, limit: u32) -> Outcome<u64> {
    let dead_sessions = diesel::alias!(sessions as dead_sessions);
    // What another instance is purging is left to it.
    let dead = dead_sessions
        .filter(dead_sessions.field(sessions::dead_at).lt(before.timestamp_micros()))
        .select(dead_sessions.field(sessions::id))
        .limit(limit.into())
        .for_update()
        .skip_locked();
    // As an array the rows are chosen once; joined, they may be chosen again and again.
    let purged = diesel::delete(sessions::table.filter(sessions::id.eq_any(array(dead))));
    Ok(purged.execute(conn).await? as u64)
}
