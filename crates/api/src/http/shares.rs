//! The shares of single clients in what is bounded, so that one client leaves the others served.
//!
//! All credentials of a user count together, or a user could take more with more API keys. The
//! shares are those of one server: several instances count separately, as each has resources of its
//! own.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use bookshelf_application::Principal;
use bookshelf_domain::accounts::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ApiError, Reason};

/// How many requests of one client are under way or wait. Clones are one share.
#[derive(Clone)]
struct Share<C> {
    at_once: usize,
    waiting: usize,
    /// A client without a request has no entry.
    clients: Arc<Clients<C>>,
}

type Clients<C> = Mutex<HashMap<C, Client>>;

struct Client {
    requests: usize,
    turns: Arc<Semaphore>,
}

/// One of the requests that a client may have, until it is dropped.
struct Place<C: Copy + Eq + Hash> {
    client: C,
    turns: Arc<Semaphore>,
    clients: Arc<Clients<C>>,
}

impl<C: Copy + Eq + Hash> Share<C> {
    fn new(at_once: usize, waiting: usize) -> Self {
        Self { at_once, waiting, clients: Arc::default() }
    }

    /// Returns `None` if the client has too many requests already.
    fn enter(&self, client: C) -> Option<Place<C>> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = clients.entry(client).or_insert_with(|| Client {
            requests: 0,
            turns: Arc::new(Semaphore::new(self.at_once)),
        });
        if entry.requests >= self.at_once + self.waiting {
            return None;
        }
        entry.requests += 1;
        Some(Place { client, turns: entry.turns.clone(), clients: self.clients.clone() })
    }
}

impl<C: Copy + Eq + Hash> Drop for Place<C> {
    fn drop(&mut self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        match clients.get_mut(&self.client) {
            Some(client) if client.requests > 1 => client.requests -= 1,
            _ => drop(clients.remove(&self.client)),
        }
    }
}

fn share_is_used_up(message: impl Display) -> ApiError {
    ApiError::new(Reason::RateLimited).message(message.to_string())
}

/// How many long requests of one user are under way, of one kind or of several.
#[derive(Clone)]
pub(crate) struct UserShare {
    /// What one request does, for the message of a refusal: "an upload".
    request: &'static str,
    share: Share<UserId>,
}

impl UserShare {
    /// A user has one request under way. No other one waits, because it may take minutes.
    pub(crate) fn one(request: &'static str) -> Self {
        Self { request, share: Share::new(1, 0) }
    }

    /// A user has one request and prepares the next one; see [`Slot::turn`].
    pub(crate) fn one_and_the_next(request: &'static str) -> Self {
        Self { request, share: Share::new(1, 1) }
    }

    fn enter(&self, user: UserId) -> Result<Place<UserId>, ApiError> {
        let request = self.request;
        self.share.enter(user).ok_or_else(|| {
            share_is_used_up(match self.share.at_once + self.share.waiting {
                1 => format!("You have {request} under way; wait until it ends, then try again"),
                most => format!(
                    "You have {request} under way {most} times; wait until one ends, then try again"
                ),
            })
        })
    }
}

/// Limits how many long requests of one kind are under way: in all, and of each user.
pub(crate) struct Slots {
    /// What one request does, for the message of a refusal: "an import".
    request: &'static str,
    free: Arc<Semaphore>,
    share: UserShare,
    addresses: Share<Principal>,
}

/// Permits one long request to run until it is dropped.
pub(crate) struct Slot {
    place: Place<UserId>,
    place_of_address: Place<Principal>,
    _permit: OwnedSemaphorePermit,
}

/// How many long requests of one kind have their turn at one address; see [`Slot::turn`].
const TURNS_OF_ADDRESS: usize = 4;

impl Slots {
    /// `count` requests may be under way, and `share` of one user. All users at one address may have
    /// half of them, because one person can have many accounts.
    pub(crate) fn new(request: &'static str, count: usize, share: UserShare) -> Self {
        let half = (count / 2).max(1);
        let turns = half.min(TURNS_OF_ADDRESS);
        let addresses = Share::new(turns, half - turns);
        Self { request, free: Arc::new(Semaphore::new(count)), share, addresses }
    }

    /// Takes a slot, or refuses the request if the user, all users at the address, or all users
    /// together have too many.
    pub(crate) fn take(&self, user: UserId, address: Principal) -> Result<Slot, ApiError> {
        let place = self.share.enter(user)?;
        let place_of_address = self.addresses.enter(address).ok_or_else(|| {
            let (request, most) = (self.request, self.addresses.at_once + self.addresses.waiting);
            share_is_used_up(format_args!(
                "Your address has {request} under way {most} times; wait until one ends, then try \
                 again"
            ))
        })?;
        let permit = self.free.clone().try_acquire_owned().map_err(|_| {
            let request = self.request;
            let message = format!("Too many others have {request} under way; try again later");
            ApiError::new(Reason::Unavailable).message(message)
        })?;
        Ok(Slot { place, place_of_address, _permit: permit })
    }
}

impl Slot {
    /// Waits until other requests of the user and of its address have had their turn. The turn of
    /// this one ends when the permits are dropped.
    pub(crate) async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], ApiError> {
        let of_user = wait_for(&self.place.turns).await?;
        Ok([of_user, wait_for(&self.place_of_address.turns).await?])
    }
}

/// How many short requests of one client wait for their turn.
const WAITING: usize = 50;

/// How many short requests of all clients at one address wait for their turn.
const WAITING_OF_ADDRESS: usize = 250;

/// Lets the short requests of each client take turns. The others wait, because each takes seconds at
/// most.
pub(crate) struct Turns {
    /// Whose requests these are, for the message of a refusal: "You have".
    whose: &'static str,
    /// What the requests do: "lists or searches".
    requests: &'static str,
    share: Share<Principal>,
}

/// A turn of a client, until it is dropped.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place<Principal>,
}

impl Turns {
    /// `at_once` requests of one client may run at once.
    pub(crate) fn new(requests: &'static str, at_once: usize) -> Self {
        Self { whose: "You have", requests, share: Share::new(at_once, WAITING) }
    }

    /// `at_once` requests of all clients at one address may run at once.
    fn of_addresses(requests: &'static str, at_once: usize) -> Self {
        Self { whose: "Your address has", requests, share: Share::new(at_once, WAITING_OF_ADDRESS) }
    }

    /// Waits for the client's turn.
    pub(crate) async fn turn(&self, client: Principal) -> Result<Turn, ApiError> {
        let place = self.share.enter(client).ok_or_else(|| {
            let (whose, requests) = (self.whose, self.requests);
            let most = self.share.at_once + self.share.waiting;
            share_is_used_up(format_args!(
                "{whose} {most} {requests} under way; wait until some end, then try again"
            ))
        })?;
        let permit = wait_for(&place.turns).await?;
        Ok(Turn { _permit: permit, _place: place })
    }
}

/// Limits how many slow reads of the database, such as searches, run at once: in all, so that the
/// database can do other work meanwhile, of each address, and of each client.
pub struct SlowReads {
    free: Arc<Semaphore>,
    addresses: Turns,
    clients: Turns,
}

/// Permits one slow read until it is dropped.
pub(crate) struct SlowRead {
    _permit: OwnedSemaphorePermit,
    _turn_of_address: Turn,
    _turn: Turn,
}

impl SlowReads {
    /// `count` slow reads run at once. A client may have a quarter of them, because a user can also be
    /// a client without credentials. All clients at one address may have half of them, because one
    /// person can have many accounts.
    pub fn new(count: usize) -> Self {
        let requests = "lists or searches";
        Self {
            free: Arc::new(Semaphore::new(count)),
            addresses: Turns::of_addresses(requests, (count / 2).max(1)),
            clients: Turns::new(requests, (count / 4).max(1)),
        }
    }

    /// Waits for the turn of the client, and then for that of its address. All credentials of a user
    /// should be the same client.
    pub(crate) async fn turn(
        &self,
        client: Principal,
        address: Principal,
    ) -> Result<SlowRead, ApiError> {
        let turn = self.clients.turn(client).await?;
        let turn_of_address = self.addresses.turn(address).await?;
        let permit = wait_for(&self.free).await?;
        Ok(SlowRead { _permit: permit, _turn_of_address: turn_of_address, _turn: turn })
    }
}

async fn wait_for(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ApiError> {
    let permit = semaphore.clone().acquire_owned().await;
    permit.map_err(|error| ApiError::new(Reason::InternalError).cause(error))
}

#[cfg(test)]
mod tests;
