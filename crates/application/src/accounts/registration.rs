use bookshelf_domain::accounts::{NewUser, RegistrationDraft, Role, User};
use bookshelf_domain::{IdempotencyKey, Made};

use super::Accounts;
use crate::Error;

impl Accounts {
    /// Creates an account for anybody who asks. Requests with the same idempotency key create only
    /// one.
    pub async fn register(
        &self,
        draft: RegistrationDraft,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        self.insert_user(draft, Some(Role::User), idempotency_key).await
    }

    /// `role` takes precedence over the role in the draft.
    pub(super) async fn insert_user(
        &self,
        draft: RegistrationDraft,
        role: Option<Role>,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<Made<User>, Error> {
        let registration = draft.into_registration()?;
        let user = NewUser {
            password_hash: self.ports.hasher.hash(registration.password).await?,
            email: registration.email,
            username: registration.username,
            name: registration.name,
            role: role.or(registration.role).unwrap_or(Role::User),
            at: self.ports.clock.now(),
            idempotency_key,
        };
        let made = self.ports.users.insert(user).await?;
        if let Made::Now(user) = &made {
            let (user_id, role) = (user.id.get(), user.role);
            tracing::info!(event = "user_created", user_id, %role, "audit");
        }
        Ok(made)
    }
}
