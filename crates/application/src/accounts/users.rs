//! The use cases of admins.

use bookshelf_domain::accounts::{
    DeleteIf, ProfileDraft, RegistrationDraft, User, UserId, UserQuery, UserUpdate,
};
use bookshelf_domain::{Expected, IdempotencyKey, Listing, Made};

use super::Accounts;
use crate::{AdminReader, AdminWriter, Error};

/// How many entries of a shelf are deleted in one operation. It takes some tens of milliseconds, for
/// which other writes wait.
const DELETED_ENTRIES: u32 = 2_000;

impl Accounts {
    pub async fn list_users(
        &self,
        _: &AdminReader,
        query: UserQuery,
    ) -> Result<Listing<User>, Error> {
        Ok(self.ports.users.list(query).await?)
    }

    pub async fn get_user(&self, _: &AdminReader, id: UserId) -> Result<User, Error> {
        self.ports.users.find(id).await?.ok_or(Error::NotFound("user"))
    }

    /// Creates an account, with the role `user` unless the draft says otherwise.
    pub async fn create_user(
        &self,
        _: &AdminWriter,
        draft: RegistrationDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        self.insert_user(draft, None, idempotency_key).await
    }

    /// Changes role and names of an account. A new role ends the access tokens issued so far.
    pub async fn update_user(
        &self,
        admin: &AdminWriter,
        id: UserId,
        expected: Expected,
        draft: ProfileDraft,
    ) -> Result<User, Error> {
        let before = self.ports.users.find(id).await?.ok_or(Error::NotFound("user"))?;
        let patch = draft.into_patch(&before)?;
        let sets_role = patch.role.is_some();
        let update = UserUpdate { id, expected, patch, at: self.ports.clock.now() };
        let user = self.ports.users.update(update).await?;
        if sets_role {
            let (user_id, role, by) = (user.id.get(), user.role, admin.user_id().get());
            tracing::info!(event = "role_set", user_id, %role, by, "audit");
        }
        Ok(user)
    }

    /// Deletes an account with its shelf, keys and sessions. The books that it added stay. A long
    /// shelf goes first, in steps, as for [`Accounts::delete_account`].
    pub async fn delete_user(
        &self,
        admin: &AdminWriter,
        id: UserId,
        expected: Expected,
    ) -> Result<(), Error> {
        self.shorten_shelf(id, DeleteIf::Version(expected.clone())).await?;
        self.ports.users.delete(id, expected).await?;
        let (user_id, by) = (id.get(), admin.user_id().get());
        tracing::info!(event = "account_deleted", user_id, by, "audit");
        Ok(())
    }

    /// Deletes most of the shelf of an account that is to be deleted.
    pub(super) async fn shorten_shelf(&self, id: UserId, condition: DeleteIf) -> Result<(), Error> {
        while self.ports.users.shorten_shelf(id, condition.clone(), DELETED_ENTRIES).await? {}
        Ok(())
    }
}
