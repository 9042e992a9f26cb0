use bookshelf_domain::accounts::{
    PasswordChangeDraft, PasswordDraft, ProfileDraft, User, UserUpdate,
};
use bookshelf_domain::{Expected, Intent};

use super::Accounts;
use crate::{Actor, Error, Owner};

impl Accounts {
    /// Changes the actor's own name and username.
    pub async fn update_profile(
        &self,
        actor: &Actor,
        expected: Expected,
        draft: ProfileDraft,
    ) -> Result<User, Error> {
        let context = self.context(Intent::Patch);
        let patch = draft.into_patch(&context)?;
        let update = UserUpdate { id: actor.user.id, expected, patch, at: context.now };
        Ok(self.ports.users.update(update).await?)
    }

    /// Changes the owner's password and ends every other session.
    pub async fn change_password(
        &self,
        owner: &Owner,
        draft: PasswordChangeDraft,
    ) -> Result<(), Error> {
        let context = self.context(Intent::Create);
        let change = draft.into_change(&owner.user.email, &context)?;
        self.verify_own(owner, change.current_password).await?;
        let hash = self.ports.hasher.hash(change.new_password).await?;
        let (id, keep) = (owner.user.id, Some(owner.session));
        self.ports.users.set_password(id, hash, keep, context.now).await?;
        tracing::info!(event = "password_changed", user_id = id, "audit");
        Ok(())
    }

    /// Deletes the owner's account and all that is its own; the books it made stay.
    pub async fn delete_account(&self, owner: &Owner, draft: PasswordDraft) -> Result<(), Error> {
        let password = draft.into_password(&self.context(Intent::Create))?;
        self.verify_own(owner, password).await?;
        self.ports.users.delete(owner.user.id, Expected::Any).await?;
        tracing::info!(event = "account_deleted", user_id = owner.user.id, "audit");
        Ok(())
    }

    async fn verify_own(&self, owner: &Owner, password: String) -> Result<(), Error> {
        let stored = self.ports.users.credentials(owner.user.id).await?;
        self.verify(password, stored).await.map(drop)
    }
}
