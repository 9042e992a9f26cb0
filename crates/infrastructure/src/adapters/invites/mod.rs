//! Invitations.

mod accept;
mod list;

use async_trait::async_trait;
use bookshelf_domain::accounts::{NewUser, User};
use bookshelf_domain::invites::{
    AcceptError, CreatedInvite, Invite, InviteDigest, InviteError, InviteId, InviteQuery,
    InviteRepository, NewInvite,
};
use bookshelf_domain::{IdempotencyKey, Listing, Made, StoreError, Timestamp};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::dialect::{Connection, Engine, FOR_UPDATE_SKIP_LOCKED, RunQueryDsl};
use super::idempotency::{create, find_stored, make_once};
use super::{accounts, dialect};
use crate::failure::Failure;
use crate::invites::{InviteRow, NewInviteRow};
use crate::row_lock::LockRows;
use crate::schema::invites;

/// The invitations in a database.
#[derive(Clone)]
pub(crate) struct InviteAdapter(pub(crate) Engine);

#[async_trait]
impl InviteRepository for InviteAdapter {
    async fn insert(&self, mut invite: NewInvite) -> Result<Made<CreatedInvite>, InviteError> {
        let (idempotency_key, at) = (invite.idempotency_key.take(), invite.at);
        let row = NewInviteRow::from(&invite);
        let token = invite.token;
        let insert = async move |conn: &mut Connection| {
            Ok(CreatedInvite { invite: insert(conn, &row).await?, token })
        };
        create(&self.0, idempotency_key, at, insert).await
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedInvite>, InviteError> {
        find_stored(&self.0, key, at).await
    }

    async fn find_by_digest(&self, digest: InviteDigest) -> Result<Option<Invite>, StoreError> {
        let find = self.0.read::<_, StoreError>(async move |conn| {
            let invite = invites::table.filter(invites::digest.eq(&digest[..]));
            Ok(invite.select(InviteRow::as_select()).get_result(conn).await.optional()?)
        });
        find.await?.map(Invite::try_from).transpose()
    }

    async fn list(&self, query: InviteQuery) -> Result<Listing<Invite>, StoreError> {
        let count = query.count;
        let page = async move |conn: &mut Connection| list::page(conn, &query).await;
        let Listing { items, has_next, total } =
            if count { self.0.scan(page).await? } else { self.0.query(page).await? };
        let items = items.into_iter().map(Invite::try_from).collect::<Result<_, _>>()?;
        Ok(Listing { items, has_next, total })
    }

    async fn delete(&self, id: InviteId) -> Result<bool, StoreError> {
        let delete = self.0.statement(async move |conn| {
            Ok(diesel::delete(invites::table.find(id.get())).execute(conn).await? > 0)
        });
        delete.await
    }

    async fn accept(
        &self,
        digest: InviteDigest,
        mut user: NewUser,
    ) -> Result<Made<User>, AcceptError> {
        let (key, at) = (user.idempotency_key.take(), user.at);
        let accept = self.0.write(async move |conn| {
            make_once(conn, key, at, async |conn| accept::accept(conn, &digest, user).await).await
        });
        accept.await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.write(async move |conn| purge(conn, before, limit).await).await
    }
}

async fn insert(
    conn: &mut Connection,
    invite: &NewInviteRow,
) -> Result<Invite, Failure<InviteError>> {
    let row = diesel::insert_into(invites::table)
        .values(invite)
        .returning(InviteRow::as_returning())
        .get_result::<InviteRow>(conn)
        .await
        .map_err(|error| match error {
            // Of the two users that the table refers to, a new invitation has only its creator.
            Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Failure::Domain(InviteError::NotFound)
            }
            error => Failure::Database(error),
        })?;
    Invite::try_from(row).map_err(Failure::Store)
}

/// Skips the invitations that another instance is purging or a registration is using. There are few
/// invitations, so this looks at each of them.
async fn purge(
    conn: &mut Connection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, Failure<StoreError>> {
    let before = before.timestamp_micros();
    let ended: Vec<i64> = invites::table
        .filter(invites::used_at.lt(before).or(invites::expires_at.lt(before)))
        .select(invites::id)
        .limit(limit.into())
        .lock_rows(FOR_UPDATE_SKIP_LOCKED)
        .load(conn)
        .await?;
    let purged = diesel::delete(invites::table.filter(invites::id.eq_any(ended)));
    Ok(purged.execute(conn).await? as u64)
}
