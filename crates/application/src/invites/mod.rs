//! Invitations. Admins create them, and people register with them.

#[cfg(test)]
mod tests;
mod token;

use std::sync::Arc;

use bookshelf_domain::invites::{
    CreatedInvite, Invite, InviteDraft, InviteFields, InviteId, InviteQuery, InviteRepository,
    NewInvite,
};
use bookshelf_domain::{Clock, IdempotencyKey, Listing, Made, Random};
use chrono::TimeDelta;

use crate::idempotency::answer_again;
use crate::{AdminReader, AdminWriter, Error};

pub(crate) use token::InviteToken;

/// How long admins see an invitation after it was used or has expired. This is longer than the
/// lifetime of an idempotency key, so that a retry of a registration finds the used invitation.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The use cases of invitations.
#[derive(Clone)]
pub struct Invites {
    repository: Arc<dyn InviteRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Invites {
    pub fn new(
        repository: Arc<dyn InviteRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self { repository, clock, random }
    }

    /// Creates an invitation. Requests with the same idempotency key create only one.
    pub async fn create(
        &self,
        admin: &AdminWriter,
        draft: InviteDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<CreatedInvite>, Error> {
        let at = self.clock.now();
        let fields = match draft.into_fields(at) {
            Ok(fields) => fields,
            Err(faults) => {
                let find = async |key| self.repository.find_created(key, at).await;
                return answer_again(idempotency_key, faults, find).await;
            }
        };
        let InviteFields { email, role, expires_at } = fields;
        let token = InviteToken::random(&*self.random);
        let invite = NewInvite {
            email,
            role,
            created_by: admin.user_id(),
            token: token.expose(),
            digest: token.digest(),
            at,
            expires_at,
            idempotency_key,
        };
        let made = self.repository.insert(invite).await?;
        if let Made::Now(CreatedInvite { invite, .. }) = &made {
            let (invite_id, role, by) = (invite.id.get(), invite.role, invite.created_by.get());
            tracing::info!(event = "invite_created", invite_id, %role, by, "audit");
        }
        Ok(made)
    }

    /// The invitations of all admins.
    pub async fn list(
        &self,
        _: &AdminReader,
        query: InviteQuery,
    ) -> Result<Listing<Invite>, Error> {
        Ok(self.repository.list(query).await?)
    }

    /// Deletes an invitation. Its token stops working at once. An account that was registered with it
    /// stays.
    pub async fn revoke(&self, admin: &AdminWriter, id: InviteId) -> Result<(), Error> {
        if !self.repository.delete(id).await? {
            return Err(Error::NotFound("invitation"));
        }
        let (invite_id, by) = (id.get(), admin.user_id().get());
        tracing::info!(event = "invite_revoked", invite_id, by, "audit");
        Ok(())
    }

    /// Deletes at most `limit` invitations that ended long ago, and returns how many there were.
    pub async fn purge(&self, limit: u32) -> Result<u64, Error> {
        Ok(self.repository.purge(self.clock.now() - KEPT, limit).await?)
    }
}
