//! What the owner of the machine may do, on the command line.

use bookshelf_domain::accounts::{
    Email, Password, RegistrationDraft, Role, User, UserPatch, UserUpdate,
};
use bookshelf_domain::{Expected, Intent};

use super::Accounts;
use crate::Error;

impl Accounts {
    /// Makes an account with the role admin.
    pub async fn create_admin(&self, draft: RegistrationDraft) -> Result<User, Error> {
        let made = self.make(draft, Some(Role::Admin), None).await?;
        made.now().ok_or_else(|| Error::Unexpected("made before, without a key".into()))
    }

    /// Gives the account with this email the role admin.
    pub async fn promote(&self, email: &str) -> Result<User, Error> {
        let user = self.find_by_email(email).await?;
        let patch = UserPatch { role: Some(Role::Admin), ..UserPatch::default() };
        let at = self.ports.clock.now();
        let update = UserUpdate { id: user.id, expected: Expected::Any, patch, at };
        let user = self.ports.users.update(update).await?;
        tracing::info!(event = "role_changed", user_id = user.id, role = %user.role, "audit");
        Ok(user)
    }

    /// Sets the password of the account with this email and ends all its sessions.
    pub async fn reset_password(&self, email: &str, password: &str) -> Result<User, Error> {
        let user = self.find_by_email(email).await?;
        let password =
            Password::parse(password, Some(&user.email)).map_err(|fault| fault.of("password"))?;
        let hash = self.ports.hasher.hash(password).await?;
        let at = self.context(Intent::Create).now;
        self.ports.users.set_password(user.id, hash, None, at).await?;
        tracing::info!(event = "password_reset", user_id = user.id, "audit");
        Ok(user)
    }

    /// The account with this email.
    pub async fn find_by_email(&self, email: &str) -> Result<User, Error> {
        let email = Email::parse(email).map_err(|fault| fault.of("email"))?;
        let stored = self.ports.users.find_by_email(email).await?;
        stored.map(|stored| stored.user).ok_or(Error::NotFound("user"))
    }
}
