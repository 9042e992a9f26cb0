use std::error::Error;

/// What can go wrong in an adapter and is nobody's fault at the other end of the request.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Full, away or too slow: worth trying again in a moment.
    #[error("the store cannot answer at the moment: {0}")]
    Unavailable(String),
    /// Anything an adapter did not expect. Its source belongs in the log and nowhere else.
    #[error("unexpected failure of an adapter")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    pub fn unexpected(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(source.into())
    }
}
