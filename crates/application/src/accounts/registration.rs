use bookshelf_domain::accounts::{NewUser, RegistrationDraft, Role, User};
use bookshelf_domain::{Intent, Made};

use super::Accounts;
use crate::{Error, Retriable};

impl Accounts {
    /// Makes an account for whoever asks.
    pub async fn register(
        &self,
        draft: RegistrationDraft,
        retry: Option<Retriable<User>>,
    ) -> Result<Made<User>, Error> {
        self.make(draft, Some(Role::User), retry).await
    }

    /// `role` counts before what the draft says.
    pub(super) async fn make(
        &self,
        draft: RegistrationDraft,
        role: Option<Role>,
        retry: Option<Retriable<User>>,
    ) -> Result<Made<User>, Error> {
        let context = self.context(Intent::Create);
        let registration = draft.into_registration(&context)?;
        let make = async |once| {
            let user = NewUser {
                password_hash: self.ports.hasher.hash(registration.password).await?,
                email: registration.email,
                username: registration.username,
                name: registration.name,
                role: role.or(registration.role).unwrap_or(Role::User),
                at: context.now,
                once,
            };
            Ok(self.ports.users.insert(user).await?)
        };
        let made = self.ports.retries.make(retry, context.now, make).await?;
        if let Made::Now(user) = &made {
            tracing::info!(event = "user_created", user_id = user.id, role = %user.role, "audit");
        }
        Ok(made)
    }
}
