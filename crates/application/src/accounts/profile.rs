use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    PasswordChangeDraft, PasswordDraft, ProfileDraft, User, UserPatch, UserUpdate,
};

use super::Accounts;
use crate::{Error, Owner, Writer};

impl Accounts {
    /// Changes the caller's own name and username.
    pub async fn update_profile(
        &self,
        writer: &Writer,
        expected: Expected,
        draft: ProfileDraft,
    ) -> Result<User, Error> {
        let patch = UserPatch { role: None, ..draft.into_patch()? };
        let (id, at) = (writer.user_id(), self.ports.clock.now());
        let update = UserUpdate { id, expected, patch, at };
        Ok(self.ports.users.update(update).await?)
    }

    /// Changes the owner's password and ends every other session.
    pub async fn change_password(
        &self,
        owner: &Owner,
        draft: PasswordChangeDraft,
    ) -> Result<(), Error> {
        let at = self.ports.clock.now();
        let change = draft.into_change(&owner.user().email)?;
        self.verify_own(owner, change.current_password).await?;
        let hash = self.ports.hasher.hash(change.new_password).await?;
        let (id, keep) = (owner.user_id(), Some(owner.session_id()));
        self.ports.users.set_password(id, hash, keep, at).await?;
        tracing::info!(event = "password_changed", user_id = id.get(), "audit");
        Ok(())
    }

    /// Deletes the owner's account with its shelf, keys and sessions. The books that it added stay.
    pub async fn delete_account(&self, owner: &Owner, draft: PasswordDraft) -> Result<(), Error> {
        let password = draft.into_password()?;
        self.verify_own(owner, password).await?;
        self.ports.users.delete(owner.user_id(), Expected::Any).await?;
        tracing::info!(event = "account_deleted", user_id = owner.user_id().get(), "audit");
        Ok(())
    }

    async fn verify_own(&self, owner: &Owner, password: String) -> Result<(), Error> {
        let stored = self.ports.users.credentials(owner.user_id()).await?;
        self.verify(password, stored).await.map(drop)
    }
}
