use bookshelf_domain::StoreError;
use diesel::result::Error;

/// Why a piece of work on a connection failed: by a rule of the domain, or in the database.
///
/// It lets `?` take both; which errors of the database mean what is decided when it leaves the
/// engine, in one place.
#[derive(Debug)]
pub(crate) enum Failure<E> {
    Domain(E),
    Database(Error),
}

impl<E> From<Error> for Failure<E> {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl Failure<StoreError> {
    /// The same failure of work that can fail in more ways.
    pub(crate) fn into_other<E: From<StoreError>>(self) -> Failure<E> {
        match self {
            Self::Domain(error) => Failure::Domain(error.into()),
            Self::Database(error) => Failure::Database(error),
        }
    }
}

impl<E: From<StoreError>> Failure<E> {
    /// `read` tells what an error of the database means.
    pub(crate) fn into_error(self, read: fn(Error) -> StoreError) -> E {
        match self {
            Self::Domain(error) => error,
            Self::Database(error) => read(error).into(),
        }
    }
}
