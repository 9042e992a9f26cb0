use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{NewUser, Role, User, UserId};
use bookshelf_domain::invites::{AcceptError, Invite, InviteDigest, InviteId};
use diesel::prelude::*;

use super::accounts::user_commands;
use super::dialect::{Connection, FOR_SHARE, RunQueryDsl};
use crate::accounts::rows::NewUserRow;
use crate::failure::Failure;
use crate::invites::InviteRow;
use crate::row_lock::LockRows;
use crate::schema::{invites, users};

type Outcome<T> = Result<T, Failure<AcceptError>>;

/// Uses the invitation and adds the user. If the user cannot be added, the transaction is rolled
/// back, and the invitation stays unused.
pub(super) async fn accept(
    conn: &mut Connection,
    digest: &InviteDigest,
    user: NewUser,
) -> Outcome<User> {
    let invite = find(conn, digest).await?;
    if !invite.is_for(&user.email) {
        return Err(Failure::Domain(AcceptError::Invalid));
    }
    check_creator(conn, invite.created_by).await?;
    claim(conn, invite.id, user.at).await?;
    let row = NewUserRow::from(NewUser { role: invite.role, ..user });
    let user = user_commands::insert(conn, &row).await.map_err(|failure| match failure {
        Failure::Domain(error) => Failure::Domain(AcceptError::User(error)),
        Failure::Store(error) => Failure::Store(error),
        Failure::Database(error) => Failure::Database(error),
    })?;
    diesel::update(invites::table.find(invite.id.get()))
        .set(invites::used_by.eq(user.id.get()))
        .execute(conn)
        .await?;
    Ok(user)
}

/// Its email, role and creator never change, so it is read without a lock.
async fn find(conn: &mut Connection, digest: &InviteDigest) -> Outcome<Invite> {
    let invite = invites::table.filter(invites::digest.eq(&digest[..]));
    let row: Option<InviteRow> =
        invite.select(InviteRow::as_select()).get_result(conn).await.optional()?;
    let row = row.ok_or(Failure::Domain(AcceptError::Invalid))?;
    Invite::try_from(row).map_err(Failure::Store)
}

/// Refuses an invitation whose creator is not an admin any more. The lock keeps others from demoting
/// or deleting the creator until the transaction ends. By the lock order it comes before the
/// invitation.
async fn check_creator(conn: &mut Connection, creator: UserId) -> Outcome<()> {
    let admin = users::table
        .filter(users::id.eq(creator.get()).and(users::role.eq(Role::Admin.as_str())))
        .select(users::id)
        .lock_rows(FOR_SHARE);
    match admin.get_result::<i64>(conn).await.optional()? {
        Some(_) => Ok(()),
        None => Err(Failure::Domain(AcceptError::Invalid)),
    }
}

/// Marks the invitation as used, if it is live ([`Invite::is_live`]). It waits for another
/// transaction that is using the same invitation.
async fn claim(conn: &mut Connection, id: InviteId, at: Timestamp) -> Outcome<()> {
    let at = at.timestamp_micros();
    let live = invites::table
        .filter(invites::id.eq(id.get()))
        .filter(invites::used_at.is_null())
        .filter(invites::expires_at.gt(at));
    match diesel::update(live).set(invites::used_at.eq(at)).execute(conn).await? {
        0 => Err(Failure::Domain(AcceptError::Invalid)),
        _ => Ok(()),
    }
}
