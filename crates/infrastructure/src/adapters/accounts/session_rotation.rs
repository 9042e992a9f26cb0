use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{
    RefreshDigest, Rotated, Rotation, RotationError, Session, SessionUser,
};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;

use super::dialect::{Connection, FOR_UPDATE, RunQueryDsl};
use crate::accounts::rows::{NewRefreshTokenRow, RefreshTokenRow, SessionUserRow, timestamp};
use crate::failure::Failure;
use crate::row_lock::LockRows;
use crate::schema::{refresh_tokens, sessions, users};

type Outcome<T> = Result<T, Failure<RotationError>>;

/// A rotation, or its refusal. The refusal is the inner error, so it is committed like a success: a
/// session that ends because its token was used twice has to stay ended.
type RotationOutcome = Result<Rotated, RotationError>;

pub(super) async fn rotate(conn: &mut Connection, rotation: &Rotation) -> Outcome<RotationOutcome> {
    let (token, found) = match find_live(conn, &rotation.shown, rotation.at).await? {
        Ok(found) => found,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if token.spent_at.is_none() {
        return Ok(Ok(spend(conn, rotation, &token, found).await?));
    }
    match repeatable_salt(conn, rotation, &token, &found.session).await? {
        Some(salt) => Ok(Ok(Rotated::Again { salt, session: found })),
        None => {
            end(conn, &found.session, rotation.at).await?;
            let (session, user) = (found.session.id, found.session.user_id);
            Ok(Err(RotationError::Reused { session, user }))
        }
    }
}

/// Ends the live session of a refresh token, spent or not.
pub(super) async fn end_by_token(
    conn: &mut Connection,
    token: &RefreshDigest,
    at: Timestamp,
) -> Outcome<Session> {
    let (_, found) = find_live(conn, token, at).await?.map_err(Failure::Domain)?;
    end(conn, &found.session, at).await?;
    Ok(Session { ended_at: Some(at), ..found.session })
}

/// A refresh token with its live session, which is locked, or why there is none.
async fn find_live(
    conn: &mut Connection,
    token: &RefreshDigest,
    at: Timestamp,
) -> Outcome<Result<(RefreshTokenRow, SessionUser), RotationError>> {
    lock_session(conn, token).await?;
    let shown = refresh_tokens::table
        .find(&token[..])
        .inner_join(sessions::table.inner_join(users::table))
        .select((RefreshTokenRow::as_select(), SessionUserRow::as_select()))
        .get_result::<(RefreshTokenRow, SessionUserRow)>(conn)
        .await
        .optional()?;
    let Some((token, session)) = shown else {
        return Ok(Err(RotationError::Unknown));
    };
    let found = SessionUser::try_from(session).map_err(Failure::Store)?;
    if found.session.ended_at.is_some() {
        return Ok(Err(RotationError::Ended));
    }
    if !found.session.is_live(at) {
        return Ok(Err(RotationError::Expired));
    }
    Ok(Ok((token, found)))
}

/// Another rotation of the same session waits here until this one ends. The token is read by a later
/// statement, which sees what the rotation before it left.
async fn lock_session(conn: &mut Connection, token: &RefreshDigest) -> QueryResult<()> {
    let token = refresh_tokens::table.find(&token[..]);
    let session =
        sessions::table.filter(sessions::id.eq_any(token.select(refresh_tokens::session_id)));
    let lock = session.select(sessions::id).lock_rows(FOR_UPDATE);
    lock.load::<i64>(conn).await.map(drop)
}

/// The salt of the successor, if the token is the one spent last and still within the grace.
async fn repeatable_salt(
    conn: &mut Connection,
    rotation: &Rotation,
    token: &RefreshTokenRow,
    session: &Session,
) -> Outcome<Option<[u8; 16]>> {
    let (Some(spent_at), Some(salt)) = (token.spent_at, &token.salt) else { return Ok(None) };
    if rotation.at - timestamp(spent_at).map_err(Failure::Store)? >= rotation.grace {
        return Ok(None);
    }
    let unspent_successor = refresh_tokens::table
        .filter(refresh_tokens::session_id.eq(session.id.get()))
        .filter(refresh_tokens::generation.eq(token.generation + 1))
        .filter(refresh_tokens::spent_at.is_null());
    let is_last: bool = select(exists(unspent_successor)).get_result(conn).await?;
    Ok(<[u8; 16]>::try_from(&salt[..]).ok().filter(|_| is_last))
}

/// Replaces the token by its successor.
async fn spend(
    conn: &mut Connection,
    rotation: &Rotation,
    token: &RefreshTokenRow,
    mut found: SessionUser,
) -> QueryResult<Rotated> {
    let at = rotation.at.timestamp_micros();
    diesel::update(refresh_tokens::table.find(&rotation.shown[..]))
        .set((refresh_tokens::spent_at.eq(at), refresh_tokens::salt.eq(&rotation.salt[..])))
        .execute(conn)
        .await?;
    diesel::insert_into(refresh_tokens::table)
        .values(NewRefreshTokenRow {
            digest: &rotation.successor,
            session_id: found.session.id.get(),
            generation: token.generation + 1,
            created_at: at,
        })
        .execute(conn)
        .await?;
    diesel::update(sessions::table.find(found.session.id.get()))
        .set((
            sessions::last_used_at.eq(at),
            sessions::idle_until.eq(rotation.idle_until.timestamp_micros()),
        ))
        .execute(conn)
        .await?;
    found.session.last_used_at = rotation.at;
    found.session.idle_until = rotation.idle_until;
    Ok(Rotated::Fresh(found))
}

async fn end(conn: &mut Connection, session: &Session, at: Timestamp) -> QueryResult<()> {
    let end = diesel::update(sessions::table.find(session.id.get()))
        .set(sessions::ended_at.eq(at.timestamp_micros()));
    end.execute(conn).await.map(drop)
}
