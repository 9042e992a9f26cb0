use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::accounts::{NewUser, Role, User, UserId};
use bookshelf_domain::invites::{
    AcceptError, CreatedInvite, Invite, InviteDigest, InviteError, InviteId, InviteQuery,
    InviteRepository, NewInvite,
};
use bookshelf_domain::{IdempotencyKey, Listing, Made, StoreError, Timestamp};

use crate::users::Users;
use crate::{Memory, Tables, list};

#[derive(Default)]
pub(crate) struct Invites {
    rows: BTreeMap<InviteId, (Invite, InviteDigest)>,
    last_id: i64,
}

impl Invites {
    /// Forgets the user, and deletes the invitations that the user created.
    pub(crate) fn forget_user(&mut self, user: UserId) {
        self.rows.retain(|_, (invite, _)| invite.created_by != user);
        for (invite, _) in self.rows.values_mut() {
            invite.used_by = invite.used_by.filter(|by| *by != user);
        }
    }

    fn insert(&mut self, new: NewInvite) -> CreatedInvite {
        self.last_id += 1;
        let invite = Invite {
            id: InviteId::new(self.last_id),
            email: new.email,
            role: new.role,
            created_by: new.created_by,
            created_at: new.at,
            expires_at: new.expires_at,
            used_at: None,
            used_by: None,
        };
        self.rows.insert(invite.id, (invite.clone(), new.digest));
        CreatedInvite { invite, token: new.token }
    }

    fn accept(
        &mut self,
        digest: InviteDigest,
        user: NewUser,
        users: &mut Users,
    ) -> Result<User, AcceptError> {
        let found = self.rows.values_mut().find(|(_, its)| *its == digest);
        let (invite, _) = found.ok_or(AcceptError::Invalid)?;
        let creator = users.get(invite.created_by).map(|creator| creator.role);
        let is_valid =
            invite.is_live(user.at) && invite.is_for(&user.email) && creator == Some(Role::Admin);
        if !is_valid {
            return Err(AcceptError::Invalid);
        }
        let at = user.at;
        let user = users.insert(NewUser { role: invite.role, ..user })?;
        (invite.used_at, invite.used_by) = (Some(at), Some(user.id));
        Ok(user)
    }
}

#[async_trait]
impl InviteRepository for Memory {
    async fn insert(&self, mut invite: NewInvite) -> Result<Made<CreatedInvite>, InviteError> {
        let idempotency_key = invite.idempotency_key.take();
        let Tables { users, invites, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, invite.at, || {
            users.get(invite.created_by).ok_or(InviteError::NotFound)?;
            Ok(invites.insert(invite))
        })
    }

    async fn find_created(
        &self,
        key: IdempotencyKey,
        at: Timestamp,
    ) -> Result<Option<CreatedInvite>, InviteError> {
        Ok(self.tables().stored_resources.find(&key, at)?)
    }

    async fn find_by_digest(&self, digest: InviteDigest) -> Result<Option<Invite>, StoreError> {
        let tables = self.tables();
        let found = tables.invites.rows.values().find(|(_, its)| *its == digest);
        Ok(found.map(|(invite, _)| invite.clone()))
    }

    async fn list(&self, query: InviteQuery) -> Result<Listing<Invite>, StoreError> {
        let rows: Vec<Invite> =
            self.tables().invites.rows.values().map(|(invite, _)| invite.clone()).collect();
        let total = query.count.then(|| list::total(rows.len(), false));
        let position = |invite: &Invite| query.sort.position(invite);
        let (items, has_next) = list::page(rows, position, query.order, &query.start, query.limit);
        Ok(Listing { items, has_next, total })
    }

    async fn delete(&self, id: InviteId) -> Result<bool, StoreError> {
        Ok(self.tables().invites.rows.remove(&id).is_some())
    }

    async fn accept(
        &self,
        digest: InviteDigest,
        mut user: NewUser,
    ) -> Result<Made<User>, AcceptError> {
        let idempotency_key = user.idempotency_key.take();
        let Tables { users, invites, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, user.at, || invites.accept(digest, user, users))
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let rows = &mut self.tables().invites.rows;
        let ended = rows.values().map(|(invite, _)| invite).filter(|invite| {
            invite.expires_at < before || invite.used_at.is_some_and(|used| used < before)
        });
        let ended: Vec<_> = ended.map(|invite| invite.id).take(limit as usize).collect();
        ended.iter().for_each(|id| drop(rows.remove(id)));
        Ok(ended.len() as u64)
    }
}
