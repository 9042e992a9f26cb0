use std::error::Error;

/// A failure of an adapter, which the client did not cause.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store is full, unreachable or too slow. Trying again in a moment may help.
    #[error("the store cannot answer at the moment: {0}")]
    Unavailable(String),
    /// Any other failure. Its source belongs in the log only.
    #[error("unexpected failure of an adapter")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    pub fn unexpected(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(source.into())
    }
}
