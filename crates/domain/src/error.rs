use std::error::Error;

/// A failure of an adapter, which the client did not cause.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store is busy, unreachable or too slow. Trying again in a moment may help.
    #[error("the store cannot answer at the moment: {0}")]
    Unavailable(String),
    /// The store has no space left, so it cannot write. It can still read.
    #[error("the store has no space left: {0}")]
    Full(String),
    /// Any other failure. Its source belongs in the log only.
    #[error("unexpected failure of an adapter")]
    Unexpected(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// Wraps an error that no caller can do anything about.
    pub fn unexpected(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unexpected(source.into())
    }
}

/// An error and all its causes in one line, for a log or an operator, with `: ` before each cause.
///
/// ```
/// use bookshelf_domain::{StoreError, error_chain};
///
/// let error = StoreError::unexpected("the disk is full");
/// assert!(error_chain(&error).ends_with(": the disk is full"));
/// ```
pub fn error_chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
