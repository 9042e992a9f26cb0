use bookshelf_domain::accounts::{Role, SessionId, User};

use crate::Error;

/// The user that acts, and the session it acts in.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user: User,
    pub session: SessionId,
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
        match actor.user.role {
            Role::Admin => Ok(Self(actor)),
            Role::User => Err(Error::AdminRequired),
        }
    }
}
