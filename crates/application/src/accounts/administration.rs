//! The use cases of the operator, on the command line.

use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    Email, Password, PasswordUpdate, RegistrationDraft, Role, StoredCredentials, User, UserPatch,
    UserUpdate,
};

use super::Accounts;
use crate::{Error, Operator};

impl Accounts {
    /// Creates an account with the role admin.
    pub async fn create_admin(&self, _: Operator, draft: RegistrationDraft) -> Result<User, Error> {
        Ok(self.insert_user(draft, Some(Role::Admin), None).await?.into_inner())
    }

    /// Gives the account with this email the role admin.
    pub async fn promote(&self, operator: Operator, email: &str) -> Result<User, Error> {
        let user = self.get_by_email(operator, email).await?;
        let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
        let at = self.ports.clock.now();
        let update = UserUpdate { id: user.id, expected: Expected::Any, patch, at };
        let user = self.ports.users.update(update).await?;
        tracing::info!(event = "role_set", user_id = user.id.get(), role = %user.role, "audit");
        Ok(user)
    }

    /// Sets the password of the account with this email and ends all its sessions. If another
    /// request changes the password meanwhile, that change stays and this one fails.
    pub async fn reset_password(
        &self,
        operator: Operator,
        email: &str,
        password: &str,
    ) -> Result<User, Error> {
        let StoredCredentials { user, password_hash: verified } =
            self.find_credentials(operator, email).await?;
        let password =
            Password::parse(password, Some(&user.email)).map_err(|fault| fault.of("password"))?;
        let new = self.ports.hasher.hash(password).await?;
        let at = self.ports.clock.now();
        let update = PasswordUpdate { id: user.id, verified, new, keep: None, at };
        self.ports.users.set_password(update).await?;
        tracing::info!(event = "password_reset", user_id = user.id.get(), "audit");
        Ok(user)
    }

    /// Makes the check of a password as slow as the slowest stored hash needs, which may be slower than
    /// a new hash. A server calls this before it serves.
    pub async fn keep_pace_with_hashes(&self, _: Operator) -> Result<(), Error> {
        if let Some(hash) = self.ports.users.slowest_hash().await? {
            self.ports.hasher.keep_pace_with(&hash);
        }
        Ok(())
    }

    /// Finds the account with this email.
    pub async fn get_by_email(&self, operator: Operator, email: &str) -> Result<User, Error> {
        Ok(self.find_credentials(operator, email).await?.user)
    }

    async fn find_credentials(&self, _: Operator, email: &str) -> Result<StoredCredentials, Error> {
        let email = Email::parse(email).map_err(|fault| fault.of("email"))?;
        self.ports.users.find_by_email(email).await?.ok_or(Error::NotFound("user"))
    }
}
