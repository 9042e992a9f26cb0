use bookshelf_domain::StoreError;
use diesel::result::Error;

use crate::outage::Outage;

/// How often a job looks for a row again that another transaction has just deleted.
pub(crate) const ATTEMPTS: u32 = 3;

/// The error of a job that found its row deleted at every attempt.
pub(crate) fn contended() -> StoreError {
    StoreError::Unavailable("other requests keep changing the same rows; try again later".into())
}

/// An error of a port: one of its cases is that the database failed.
pub(crate) trait PortError: From<StoreError> + Send + 'static {}

impl<E: From<StoreError> + Send + 'static> PortError for E {}

/// Why a job on a connection failed: a rule of the domain refused it, the adapter or the engine could
/// not do it, or a statement failed.
///
/// `?` converts errors of the database into it. The engine decides what an error of the database
/// means when the job ends.
#[derive(Debug)]
pub(crate) enum Failure<E> {
    Domain(E),
    /// The adapter or the engine could not do the job.
    Store(StoreError),
    Database(Error),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl Failure<StoreError> {
    /// The same failure as the error of another port.
    pub(crate) fn into_other<E: From<StoreError>>(self) -> Failure<E> {
        match self {
            Self::Domain(error) | Self::Store(error) => Failure::Store(error),
            Self::Database(error) => Failure::Database(error),
        }
    }
}

impl<E: From<StoreError>> Failure<E> {
    /// `read` converts an error of the database.
    fn into_error(self, read: fn(Error) -> StoreError, outage: &Outage) -> E {
        let error = match self {
            Self::Domain(error) => return error,
            Self::Store(error) => error,
            Self::Database(error) => read(error),
        };
        outage.failed(&error);
        error.into()
    }
}

/// The outcome of a job for its caller. `outage` learns whether the database worked.
pub(crate) fn concluded<T, E: From<StoreError>>(
    outcome: Result<T, Failure<E>>,
    read: fn(Error) -> StoreError,
    outage: &Outage,
) -> Result<T, E> {
    match outcome {
        Ok(value) => {
            outage.worked();
            Ok(value)
        }
        Err(failure) => Err(failure.into_error(read, outage)),
    }
}
