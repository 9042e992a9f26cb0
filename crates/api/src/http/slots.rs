use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ApiError, Reason};

/// How many uses of something long there may be at once. One that is full refuses.
pub(crate) struct Slots(Arc<Semaphore>);

/// Held for as long as the use lasts.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Slots {
    pub(crate) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    pub(crate) fn take(&self) -> Result<Slot, ApiError> {
        self.0.clone().try_acquire_owned().map_err(|_| {
            ApiError::new(Reason::Unavailable)
                .message("As many of these as there may be are under way; try again later")
        })
    }
}
