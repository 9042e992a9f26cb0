use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    DeleteIf, PasswordChangeDraft, PasswordDraft, PasswordHash, PasswordUpdate, ProfileDraft, User,
    UserUpdate,
};

use super::Accounts;
use crate::{Error, Owner, Writer};

/// How often a password is verified for one write. The hash of a password that stays the same is
/// replaced so rarely that two replacements during one request do not happen.
const ATTEMPTS: u32 = 3;

impl Accounts {
    /// Changes the caller's own name and username.
    pub async fn update_profile(
        &self,
        writer: &Writer,
        expected: Expected,
        draft: ProfileDraft,
    ) -> Result<User, Error> {
        let patch = draft.into_own_patch(writer.caller().user())?;
        let (id, at) = (writer.user_id(), self.ports.clock.now());
        let update = UserUpdate { id, expected, patch, at };
        let updated = self.ports.users.update(update).await;
        updated.map_err(|error| Error::from(error).without_user())
    }

    /// Changes the owner's password and ends every other session.
    pub async fn change_password(
        &self,
        owner: &Owner,
        draft: PasswordChangeDraft,
    ) -> Result<(), Error> {
        let change = draft.into_change(&owner.user().email)?;
        let (id, keep) = (owner.user_id(), Some(owner.session_id()));
        let write = async |verified| {
            let new = self.ports.hasher.hash(change.new_password.clone()).await?;
            let at = self.ports.clock.now();
            let update = PasswordUpdate { id, verified, new, keep, at };
            Ok(self.ports.users.set_password(update).await?)
        };
        self.write_verified(owner, &change.current_password, write).await?;
        tracing::info!(event = "password_changed", user_id = id.get(), "audit");
        Ok(())
    }

    /// Deletes the owner's account with its shelf, keys and sessions. The books that it added stay.
    ///
    /// A long shelf goes first, in steps. If the deletion ends early, because the server stops or
    /// another request changes the password, then the account is still there, with a part of its
    /// shelf. Deleting it again deletes the rest.
    pub async fn delete_account(&self, owner: &Owner, draft: PasswordDraft) -> Result<(), Error> {
        let password = draft.into_password()?;
        let id = owner.user_id();
        let write = async |verified: PasswordHash| {
            self.shorten_shelf(id, DeleteIf::Password(verified.clone())).await?;
            Ok(self.ports.users.delete_verified(id, verified).await?)
        };
        self.write_verified(owner, &password, write).await?;
        tracing::info!(event = "account_deleted", user_id = id.get(), "audit");
        Ok(())
    }

    /// Verifies the owner's password, and calls `write` with the hash that it matched. The write is
    /// refused if another request replaces the hash first. Then the password is verified again,
    /// because a login may have replaced the hash by another one of the same password.
    async fn write_verified(
        &self,
        owner: &Owner,
        password: &str,
        write: impl AsyncFn(PasswordHash) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for attempt in 0..ATTEMPTS {
            let stored = self.ports.users.credentials(owner.user_id()).await?;
            let verified = match self.verify(password, stored).await {
                Err(Error::InvalidCredentials) if attempt > 0 => break,
                Err(error) => {
                    if matches!(error, Error::InvalidCredentials) {
                        let user_id = owner.user_id().get();
                        tracing::warn!(event = "password_refused", user_id, "audit");
                    }
                    return Err(error);
                }
                Ok(verified) => verified,
            };
            match write(verified.password_hash).await {
                // Another request has changed the password, or deleted the account.
                Err(Error::PasswordChanged | Error::NotFound(_)) => {}
                outcome => return outcome,
            }
        }
        Err(Error::PasswordChanged)
    }
}
