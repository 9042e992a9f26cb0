use bookshelf_domain::Intent;
use bookshelf_domain::accounts::{NewUser, RegistrationDraft, Role, User};

use super::Accounts;
use crate::Error;

impl Accounts {
    /// Makes an account for whoever asks.
    pub async fn register(&self, draft: RegistrationDraft) -> Result<User, Error> {
        self.make(draft, Role::User).await
    }

    pub(super) async fn make(&self, draft: RegistrationDraft, role: Role) -> Result<User, Error> {
        let context = self.context(Intent::Create);
        let registration = draft.into_registration(&context)?;
        let user = NewUser {
            password_hash: self.ports.hasher.hash(registration.password).await?,
            email: registration.email,
            username: registration.username,
            name: registration.name,
            role,
            at: context.now,
        };
        let user = self.ports.users.insert(user).await?;
        tracing::info!(event = "user_created", user_id = user.id, role = %user.role, "audit");
        Ok(user)
    }
}
