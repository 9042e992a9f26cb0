//! The sessions: [`SessionRepository`](bookshelf_domain::accounts::SessionRepository).
//!
//! The clauses also use `users`.

mod contract;
mod durable;
mod end;
mod open;
mod purge;
mod rotate;

use bookshelf_domain::Repositories;
use bookshelf_domain::accounts::{
    NewSession, RefreshDigest, Rotated, Rotation, RotationError, Session, SessionId, UserId,
};
use chrono::TimeDelta;

use crate::Store;
use crate::macros::clauses;
use crate::sample::moment;
use crate::saw::Must;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::sessions! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}

/// The digest of the refresh token of this number.
fn token(number: u8) -> RefreshDigest {
    [number; 32]
}

/// A login at moment 0 with this refresh token; idle it lives 1,000 seconds, in any case 5,000.
pub(crate) fn login(user_id: UserId, refresh: u8) -> NewSession {
    NewSession {
        user_id,
        refresh: token(refresh),
        user_agent: None,
        address: None,
        at: moment(0),
        idle_until: moment(1000),
        expires_at: moment(5000),
    }
}

/// The rotation of one refresh token to another at this moment, with a grace of 10 seconds. The
/// salt is the number of the successor.
pub(crate) fn rotation(shown: u8, successor: u8, at: i64) -> Rotation {
    Rotation {
        shown: token(shown),
        successor: token(successor),
        salt: [successor; 16],
        at: moment(at),
        idle_until: moment(at + 1000),
        grace: TimeDelta::seconds(10),
    }
}

pub(crate) async fn open(store: &Store, login: NewSession) -> Session {
    store.sessions.open(login).await.must().must()
}

async fn found(store: &Store, id: SessionId) -> Session {
    store.sessions.find(id).await.must().must().session
}

async fn rotate(store: &Store, rotation: Rotation) -> Result<Rotated, RotationError> {
    store.sessions.rotate(rotation).await
}
