//! The tokens of a session, and their renewal.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::Call;
use crate::exchange::Inner;
use crate::{Error, Reason, User};

/// An access token is renewed this long before it expires, so that a request that cannot be sent again
/// does not meet an expired one.
const EARLY: Duration = Duration::from_secs(20);

/// The tokens of a session. A program can store them and go on with the session later.
///
/// The refresh token changes with each renewal, and the old one ends the session if it is used again.
/// So store what [`Client::tokens`](crate::Client::tokens) returns at the end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The token that each request shows. It lives for minutes.
    pub access_token: String,
    /// The token that gets new tokens.
    pub refresh_token: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}

/// What a login and a renewal return.
#[derive(Deserialize)]
pub(crate) struct Granted {
    #[serde(flatten)]
    pub(crate) tokens: Tokens,
    expires_in: u64,
    pub(crate) user: User,
}

#[derive(Default)]
pub(crate) struct Session(Mutex<State>);

#[derive(Default)]
struct State {
    tokens: Option<Live>,
    /// Why the server ended the session.
    ended: Option<Reason>,
    /// The renewal that is under way. Every task that needs new tokens waits for the same one.
    renewal: Option<Renewal>,
}

#[derive(Clone)]
struct Live {
    tokens: Tokens,
    /// When to renew the access token. Unknown for tokens that a program has stored.
    renew_at: Option<Instant>,
}

type Renewal = Shared<BoxFuture<'static, Result<(), Error>>>;

impl Session {
    pub(crate) fn resume(tokens: Tokens) -> Self {
        let tokens = Some(Live { tokens, renew_at: None });
        Self(Mutex::new(State { tokens, ..State::default() }))
    }

    pub(crate) fn tokens(&self) -> Option<Tokens> {
        self.state().tokens.as_ref().map(|live| live.tokens.clone())
    }

    /// Begins a session.
    pub(crate) fn begin(&self, granted: &Granted) {
        *self.state() = State { tokens: Some(Live::of(granted)), ..State::default() };
    }

    /// Forgets the tokens.
    pub(crate) fn forget(&self) {
        *self.state() = State::default();
    }

    /// The access token for the next request, or `None` without a session.
    pub(crate) async fn access_token(&self, client: &Arc<Inner>) -> Result<Option<String>, Error> {
        let due = {
            let state = self.state();
            if let Some(reason) = &state.ended {
                return Err(Error::SessionEnded(reason.clone()));
            }
            let Some(live) = &state.tokens else { return Ok(None) };
            let is_due = live.renew_at.is_some_and(|at| Instant::now() >= at);
            is_due.then(|| live.tokens.access_token.clone())
        };
        // If the server cannot be reached, the access token may still work for a moment.
        if let Some(old) = due
            && let Err(error @ Error::SessionEnded(_)) = self.renew(client, &old).await
        {
            return Err(error);
        }
        Ok(self.tokens().map(|tokens| tokens.access_token))
    }

    /// Gets new tokens in place of those with this access token.
    ///
    /// However many tasks call this at the same time, one request is sent, and all get its result. It
    /// runs in a task of its own, because a caller that is cancelled must not lose the new tokens.
    pub(crate) async fn renew(&self, client: &Arc<Inner>, old: &str) -> Result<(), Error> {
        let renewal = {
            let mut state = self.state();
            let Some(live) = state.tokens.clone() else {
                return state.ended.clone().map_or(Ok(()), |why| Err(Error::SessionEnded(why)));
            };
            if live.tokens.access_token != old {
                return Ok(());
            }
            state.renewal.get_or_insert_with(|| start(client.clone(), live.tokens)).clone()
        };
        renewal.await
    }

    /// Takes the result of a renewal, unless another session has begun meanwhile.
    fn take(&self, old: &Tokens, result: Result<Granted, Error>) -> Result<(), Error> {
        let mut state = self.state();
        let is_current = state.tokens.as_ref().is_some_and(|live| live.tokens == *old);
        if !is_current {
            return Ok(());
        }
        state.renewal = None;
        match result {
            Ok(granted) => {
                state.tokens = Some(Live::of(&granted));
                Ok(())
            }
            Err(Error::Api(error)) if error.status == 401 => {
                state.tokens = None;
                state.ended = Some(error.reason.clone());
                Err(Error::SessionEnded(error.reason))
            }
            Err(error) => Err(error),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn of(granted: &Granted) -> Self {
        let lifetime = Duration::from_secs(granted.expires_in);
        // A token that lives for less than twice as long is renewed after half of its life.
        let usable = lifetime.saturating_sub(EARLY).max(lifetime / 2);
        Self { tokens: granted.tokens.clone(), renew_at: Instant::now().checked_add(usable) }
    }
}

fn start(client: Arc<Inner>, old: Tokens) -> Renewal {
    let task = tokio::spawn(async move {
        let result = request(&client, &old).await;
        client.session.take(&old, result)
    });
    task.map(|ended| match ended {
        Ok(result) => result,
        Err(error) => Err(Error::Setup(format!("the renewal of the tokens has stopped: {error}"))),
    })
    .boxed()
    .shared()
}

/// The server answers a second request with the same refresh token as it answered the first one for a
/// few seconds, so the request can be sent again if the connection breaks.
async fn request(client: &Arc<Inner>, old: &Tokens) -> Result<Granted, Error> {
    let call = Call::post("/auth/refresh").json(&json!({"refresh_token": old.refresh_token}))?;
    client.send(call.without_access().harmless()).await?.data()
}
