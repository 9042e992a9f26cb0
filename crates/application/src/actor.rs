use bookshelf_domain::accounts::{Role, SessionId, User};

use crate::Error;

/// The user in whose name something is done.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user: User,
    /// The role that counts: what acts for a user can be less than the user.
    pub role: Role,
}

/// A user in a session of its own, and so the owner of its account, password and sessions.
#[derive(Debug, Clone)]
pub struct Owner {
    pub user: User,
    pub session: SessionId,
}

impl From<Owner> for Actor {
    fn from(owner: Owner) -> Self {
        Self { role: owner.user.role, user: owner.user }
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
            Role::User => Err(Error::AdminRequired),
        }
    }
}
