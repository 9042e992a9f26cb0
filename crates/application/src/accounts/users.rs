//! What an admin may do with the accounts of others.

use bookshelf_domain::accounts::{
    ProfileDraft, RegistrationDraft, User, UserId, UserQuery, UserUpdate,
};
use bookshelf_domain::{Change, Expected, Intent, Listing, Made};

use super::Accounts;
use crate::{Admin, Error, Retriable};

impl Accounts {
    pub async fn list_users(&self, _: &Admin, query: UserQuery) -> Result<Listing<User>, Error> {
        Ok(self.ports.users.list(query).await?)
    }

    pub async fn get_user(&self, _: &Admin, id: UserId) -> Result<User, Error> {
        self.ports.users.find(id).await?.ok_or(Error::NotFound("user"))
    }

    /// Makes an account, a plain user's unless the draft says otherwise.
    pub async fn create_user(
        &self,
        _: &Admin,
        draft: RegistrationDraft,
        retry: Option<Retriable<User>>,
    ) -> Result<Made<User>, Error> {
        self.make(draft, None, retry).await
    }

    /// Changes role and names of an account. A new role stops the access tokens given out so far.
    pub async fn update_user(
        &self,
        admin: &Admin,
        id: UserId,
        expected: Expected,
        draft: ProfileDraft,
    ) -> Result<User, Error> {
        let context = self.context(Intent::Patch);
        let changes_role = matches!(draft.role, Change::Set(_));
        let patch = draft.into_patch(&context)?;
        let update = UserUpdate { id, expected, patch, at: context.now };
        let user = self.ports.users.update(update).await?;
        if changes_role {
            let by = admin.actor().user.id;
            tracing::info!(event = "role_set", user_id = user.id, role = %user.role, by, "audit");
        }
        Ok(user)
    }

    /// Deletes an account and all that is its own; the books it made stay.
    pub async fn delete_user(
        &self,
        admin: &Admin,
        id: UserId,
        expected: Expected,
    ) -> Result<(), Error> {
        self.ports.users.delete(id, expected).await?;
        let by = admin.actor().user.id;
        tracing::info!(event = "account_deleted", user_id = id, by, "audit");
        Ok(())
    }
}
