use bookshelf_domain::accounts::{Role, SessionId, User};
use bookshelf_domain::api_keys::{ApiKeyId, Permission, Permissions};

use crate::Error;

/// The user in whose name something is done.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user: User,
    /// The role that counts: an API key can be less than its owner.
    pub role: Role,
    pub permissions: Permissions,
    pub via: Via,
}

/// What somebody acts through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Session(SessionId),
    ApiKey(ApiKeyId),
}

impl Actor {
    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            return Ok(());
        }
        self.log_refusal(permission.as_str());
        Err(Error::PermissionMissing(permission))
    }
}

impl Actor {
    fn log_refusal(&self, missing: &'static str) {
        tracing::warn!(event = "access_refused", user_id = self.user.id, missing, "audit");
    }
}

/// A user in a session of its own, and so the owner of its account, password and sessions.
#[derive(Debug, Clone)]
pub struct Owner {
    pub user: User,
    pub session: SessionId,
}

impl From<Owner> for Actor {
    fn from(owner: Owner) -> Self {
        Self {
            role: owner.user.role,
            permissions: Permissions::new(Permission::ALL),
            via: Via::Session(owner.session),
            user: owner.user,
        }
    }
}

impl TryFrom<Actor> for Owner {
    type Error = Error;

    fn try_from(actor: Actor) -> Result<Self, Error> {
        match actor.via {
            Via::Session(session) => Ok(Self { user: actor.user, session }),
            Via::ApiKey(_) => {
                actor.log_refusal("session");
                Err(Error::SessionRequired)
            }
        }
    }
}

/// An actor of whom it is certain that it may administer.
#[derive(Debug, Clone)]
pub struct Admin(Actor);

impl Admin {
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}

impl TryFrom<Actor> for Admin {
    type Error = Error;

    fn try_from(actor: Actor) -> Result<Self, Error> {
        match actor.role {
            Role::Admin => Ok(Self(actor)),
            Role::User => {
                actor.log_refusal("admin");
                Err(Error::AdminRequired)
            }
        }
    }
}
