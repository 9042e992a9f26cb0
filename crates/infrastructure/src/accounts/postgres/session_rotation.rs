use bookshelf_domain::StoreError;
use bookshelf_domain::accounts::{
    Rotated, Rotation, RotationError, Session, SessionId, SessionUser,
};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::accounts::rows::{NewRefreshTokenRow, RefreshTokenRow, SessionUserRow, timestamp};
use crate::failure::Failure;
use crate::schema::{refresh_tokens, sessions, users};

/// What the database did, and what it answers; only the outer error takes the writes back.
type Outcome = Result<Result<Rotated, RotationError>, Failure<RotationError>>;

pub(super) async fn rotate(conn: &mut AsyncPgConnection, rotation: &Rotation) -> Outcome {
    lock_session(conn, rotation).await?;
    let shown = refresh_tokens::table
        .find(&rotation.shown[..])
        .inner_join(sessions::table.inner_join(users::table))
        .select((RefreshTokenRow::as_select(), SessionUserRow::as_select()))
        .get_result::<(RefreshTokenRow, SessionUserRow)>(conn)
        .await
        .optional()?;
    let Some((token, session)) = shown else { return Ok(Err(RotationError::Unknown)) };
    let found = SessionUser::try_from(session).map_err(failure)?;
    if found.session.ended_at.is_some() {
        return Ok(Err(RotationError::Ended));
    }
    if !found.session.is_live(rotation.at) {
        return Ok(Err(RotationError::Expired));
    }
    if token.spent_at.is_none() {
        return spend(conn, rotation, &token, found).await;
    }
    match repeatable_salt(conn, rotation, &token, &found.session).await? {
        Some(salt) => Ok(Ok(Rotated::Again { salt, session: found })),
        None => end(conn, rotation, &found.session).await,
    }
}

/// Whoever shows a token of the same session meanwhile waits here for the end of this rotation. The
/// token is read by a statement of its own afterwards, which sees what the last rotation left.
async fn lock_session(conn: &mut AsyncPgConnection, rotation: &Rotation) -> QueryResult<()> {
    let token = refresh_tokens::table.find(&rotation.shown[..]);
    let session =
        sessions::table.filter(sessions::id.eq_any(token.select(refresh_tokens::session_id)));
    let locked = session.select(sessions::id).for_update().load::<SessionId>(conn);
    locked.await.map(drop)
}

/// The salt of the successor, where the token is the one spent last, within the grace.
async fn repeatable_salt(
    conn: &mut AsyncPgConnection,
    rotation: &Rotation,
    token: &RefreshTokenRow,
    session: &Session,
) -> Result<Option<[u8; 16]>, Failure<RotationError>> {
    let (Some(spent_at), Some(salt)) = (token.spent_at, &token.salt) else { return Ok(None) };
    if rotation.at - timestamp(spent_at).map_err(failure)? >= rotation.grace {
        return Ok(None);
    }
    let unspent_successor = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session.id))
        .filter(refresh_tokens::generation.eq(token.generation + 1))
        .filter(refresh_tokens::spent_at.is_null());
    let is_last: bool = select(exists(unspent_successor)).get_result(conn).await?;
    Ok(<[u8; 16]>::try_from(&salt[..]).ok().filter(|_| is_last))
}

async fn spend(
    conn: &mut AsyncPgConnection,
    rotation: &Rotation,
    token: &RefreshTokenRow,
    mut found: SessionUser,
) -> Outcome {
    let at = rotation.at.timestamp_micros();
    diesel::update(refresh_tokens::table.find(&rotation.shown[..]))
        .set((refresh_tokens::spent_at.eq(at), refresh_tokens::salt.eq(&rotation.salt[..])))
        .execute(conn)
        .await?;
    diesel::insert_into(refresh_tokens::table)
        .values(NewRefreshTokenRow {
            digest: &rotation.successor,
            session_id: found.session.id,
            generation: token.generation + 1,
            created_at: at,
        })
        .execute(conn)
        .await?;
    diesel::update(sessions::table.find(found.session.id))
        .set((
            sessions::last_used_at.eq(at),
            sessions::idle_until.eq(rotation.idle_until.timestamp_micros()),
        ))
        .execute(conn)
        .await?;
    found.session.last_used_at = rotation.at;
    found.session.idle_until = rotation.idle_until;
    Ok(Ok(Rotated::Fresh(found)))
}

async fn end(conn: &mut AsyncPgConnection, rotation: &Rotation, session: &Session) -> Outcome {
    diesel::update(sessions::table.find(session.id))
        .set(sessions::ended_at.eq(rotation.at.timestamp_micros()))
        .execute(conn)
        .await?;
    Ok(Err(RotationError::Reused { session: session.id, user: session.user_id }))
}

fn failure(error: StoreError) -> Failure<RotationError> {
    Failure::Domain(error.into())
}
