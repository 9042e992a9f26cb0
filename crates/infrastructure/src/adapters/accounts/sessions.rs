use async_trait::async_trait;
use bookshelf_domain::accounts::{
    NewSession, RefreshDigest, Rotated, Rotation, RotationError, Session, SessionId,
    SessionRepository, SessionUser, UserId,
};
use bookshelf_domain::{StoreError, Timestamp};
use diesel::prelude::*;

use super::dialect::{Connection, Engine, FOR_SHARE, FOR_UPDATE_SKIP_LOCKED, RunQueryDsl};
use super::session_rotation::{end_by_token, rotate};
use crate::accounts::rows::{
    NewRefreshTokenRow, NewSessionRow, SessionRow, SessionUserRow, is_live,
};
use crate::failure::Failure;
use crate::row_lock::LockRows;
use crate::schema::{refresh_tokens, sessions, users};

/// The sessions in a database.
#[derive(Clone)]
pub(crate) struct SessionAdapter(pub(crate) Engine);

#[async_trait]
impl SessionRepository for SessionAdapter {
    async fn open(&self, session: NewSession) -> Result<Option<Session>, StoreError> {
        let row = self.0.write(async move |conn| open(conn, &session).await).await?;
        row.map(Session::try_from).transpose()
    }

    async fn find(&self, id: SessionId) -> Result<Option<SessionUser>, StoreError> {
        let find = self.0.read::<_, StoreError>(async move |conn| {
            let session = sessions::table.find(id.get()).inner_join(users::table);
            Ok(session.select(SessionUserRow::as_select()).get_result(conn).await.optional()?)
        });
        find.await?.map(SessionUser::try_from).transpose()
    }

    async fn rotate(&self, rotation: Rotation) -> Result<Rotated, RotationError> {
        self.0.write(async move |conn| rotate(conn, &rotation).await).await?
    }

    async fn list_live(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let list = self.0.read::<Vec<SessionRow>, StoreError>(async move |conn| {
            Ok(sessions::table
                .filter(sessions::user_id.eq(user.get()))
                .filter(is_live(now))
                .order((sessions::last_used_at.desc(), sessions::id.desc()))
                .select(SessionRow::as_select())
                .load(conn)
                .await?)
        });
        list.await?.into_iter().map(Session::try_from).collect()
    }

    async fn end(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<bool, StoreError> {
        let end = self.0.statement(async move |conn| {
            let session = sessions::table.find(id.get()).filter(sessions::user_id.eq(user.get()));
            let end = diesel::update(session.filter(is_live(at)))
                .set(sessions::ended_at.eq(at.timestamp_micros()));
            Ok(end.execute(conn).await? > 0)
        });
        end.await
    }

    async fn end_by_token(
        &self,
        token: RefreshDigest,
        at: Timestamp,
    ) -> Result<Session, RotationError> {
        self.0.write(async move |conn| end_by_token(conn, &token, at).await).await
    }

    async fn end_all(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        let end = async move |conn: &mut _| Ok(end_live(conn, user, None, at).await? as u64);
        self.0.statement(end).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.write(async move |conn| purge(conn, before, limit).await).await
    }
}

type Outcome<T> = Result<T, Failure<StoreError>>;

async fn open(conn: &mut Connection, session: &NewSession) -> Outcome<Option<SessionRow>> {
    // A change of the password ends the sessions that it sees. Without the lock it would miss one
    // that is opened at the same time with the old password.
    let user = users::table.find(session.user_id.get()).select(users::id).lock_rows(FOR_SHARE);
    if user.get_result::<i64>(conn).await.optional()?.is_none() {
        return Ok(None);
    }
    let (row, session_id) = diesel::insert_into(sessions::table)
        .values(NewSessionRow::from(session))
        .returning((SessionRow::as_returning(), sessions::id))
        .get_result::<(SessionRow, i64)>(conn)
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
    conn: &mut Connection,
    user: UserId,
    keep: Option<SessionId>,
    at: Timestamp,
) -> QueryResult<usize> {
    let sessions = sessions::table.filter(sessions::user_id.eq(user.get())).filter(is_live(at));
    // No session has the id 0.
    diesel::update(sessions.filter(sessions::id.ne(keep.map_or(0, SessionId::get))))
        .set(sessions::ended_at.eq(at.timestamp_micros()))
        .execute(conn)
        .await
}

/// Skips the sessions that another instance is purging.
async fn purge(conn: &mut Connection, before: Timestamp, limit: u32) -> Outcome<u64> {
    let dead: Vec<i64> = sessions::table
        .filter(sessions::dead_at.lt(before.timestamp_micros()))
        .select(sessions::id)
        .limit(limit.into())
        .lock_rows(FOR_UPDATE_SKIP_LOCKED)
        .load(conn)
        .await?;
    let purged = diesel::delete(sessions::table.filter(sessions::id.eq_any(dead)));
    Ok(purged.execute(conn).await? as u64)
}
