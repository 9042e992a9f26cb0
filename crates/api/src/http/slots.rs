use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ApiError, Reason};

/// Limits how many long requests of one kind run at once.
pub(crate) struct Slots {
    /// The name of the requests, in the plural, for the message of a refusal.
    requests: &'static str,
    free: Arc<Semaphore>,
}

/// Permits one request to run until it is dropped.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Slots {
    pub(crate) fn new(requests: &'static str, count: usize) -> Self {
        Self { requests, free: Arc::new(Semaphore::new(count)) }
    }

    /// Takes a slot, or refuses the request if there is none left.
    pub(crate) fn take(&self) -> Result<Slot, ApiError> {
        self.free.clone().try_acquire_owned().map_err(|_| {
            let message = format!("Too many {} are running; try again later", self.requests);
            ApiError::new(Reason::Unavailable).message(message)
        })
    }
}
