use bookshelf_domain::accounts::{PasswordHasherError, RotationError, UserError, UserId};
use bookshelf_domain::api_keys::{ApiKeyError, Permission};
use bookshelf_domain::books::{BookError, BookId};
use bookshelf_domain::covers::CoverCodecError;
use bookshelf_domain::invites::{AcceptError, InviteError};
use bookshelf_domain::shelves::{ShelfEntryId, ShelfError};
use bookshelf_domain::{Fault, FaultCode, Faults, StoreError};

use crate::api_keys::ApiKeyFault;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the input is not valid: {0}")]
    Invalid(Faults),
    /// The upload has a format that is not accepted.
    #[error("the upload {0}")]
    UnsupportedFormat(Fault),
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the resource was changed meanwhile")]
    Stale,
    #[error("book {by} has this ISBN")]
    IsbnTaken { by: BookId },
    #[error("book {book} is on {shelves} shelves")]
    BookInUse { book: BookId, shelves: u64 },
    #[error("the shelf has {most} entries, and no more can be added")]
    ShelfFull { most: u64 },
    #[error("the book is already on the shelf, as entry {by}")]
    AlreadyOnShelf { by: ShelfEntryId },
    /// `by` is `None` for callers who cannot see other users.
    #[error("another user has this email address")]
    EmailTaken { by: Option<UserId> },
    #[error("the user has too many API keys")]
    TooManyApiKeys,
    /// `by` is `None` for callers who cannot see other users.
    #[error("another user has this username")]
    UsernameTaken { by: Option<UserId> },
    #[error("the last admin must remain an admin")]
    LastAdmin { is: UserId },
    #[error("nobody can register on this server")]
    RegistrationClosed,
    /// The invitation of a registration is missing, or cannot be used for it.
    #[error("the registration has no valid invitation")]
    InviteInvalid,
    #[error("the email address or the password is wrong")]
    InvalidCredentials,
    /// The password that a request was based on is not the user's any more.
    #[error("the password was changed meanwhile")]
    PasswordChanged,
    #[error("{0}")]
    Token(TokenFault),
    #[error("this needs the role admin")]
    AdminRequired,
    #[error("only admins may add and change books on this server")]
    CatalogueWriteRefused,
    #[error("this idempotency key was used for another request")]
    IdempotencyKeyReused,
    #[error("{0}")]
    ApiKey(ApiKeyFault),
    #[error("the API key lacks the permission {0}")]
    PermissionMissing(Permission),
    #[error("this needs a session: an API key cannot do it")]
    SessionRequired,
    #[error("{0}")]
    Unavailable(String),
    /// Nothing can be written until there is space again.
    #[error("{0}")]
    StorageFull(String),
    /// A failure that no rule covers. Its source belongs in the log only.
    #[error("unexpected failure")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid")]
    Invalid,
    #[error("the token was revoked")]
    Revoked,
    #[error("the refresh token was used before; its session has ended")]
    Reused,
}

impl Error {
    /// The error for a caller who cannot see other users.
    pub(crate) fn without_user(self) -> Self {
        match self {
            Self::EmailTaken { .. } => Self::EmailTaken { by: None },
            Self::UsernameTaken { .. } => Self::UsernameTaken { by: None },
            error => error,
        }
    }
}

// Not `#[from]`: it would make the faults a cause too, and a log line would name them twice.
impl From<Faults> for Error {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Full(why) => Self::StorageFull(why),
            StoreError::Unexpected(source) => Self::Unexpected(source),
        }
    }
}

impl From<PasswordHasherError> for Error {
    fn from(error: PasswordHasherError) -> Self {
        match error {
            PasswordHasherError::Busy => Self::Unavailable(error.to_string()),
            PasswordHasherError::Unexpected(_) => Self::Unexpected(error.into()),
        }
    }
}

impl From<CoverCodecError> for Error {
    fn from(error: CoverCodecError) -> Self {
        match error {
            CoverCodecError::UnsupportedFormat(fault) => Self::UnsupportedFormat(fault),
            CoverCodecError::Unacceptable(fault) => Self::Invalid(fault.of("cover")),
            CoverCodecError::Busy => Self::Unavailable(error.to_string()),
            CoverCodecError::Unexpected(_) => Self::Unexpected(error.into()),
        }
    }
}

impl From<BookError> for Error {
    fn from(error: BookError) -> Self {
        match error {
            BookError::NotFound => Self::NotFound("book"),
            BookError::IsbnTaken { by } => Self::IsbnTaken { by },
            BookError::Stale => Self::Stale,
            BookError::InUse { book, shelves } => Self::BookInUse { book, shelves },
            BookError::NoCover => Self::NotFound("cover"),
            BookError::KeyReused(_) => Self::IdempotencyKeyReused,
            BookError::Store(error) => error.into(),
        }
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NotFound => Self::NotFound("user"),
            UserError::EmailTaken { by } => Self::EmailTaken { by: Some(by) },
            UserError::UsernameTaken { by } => Self::UsernameTaken { by: Some(by) },
            UserError::Stale => Self::Stale,
            UserError::PasswordChanged => Self::PasswordChanged,
            UserError::LastAdmin { is } => Self::LastAdmin { is },
            UserError::KeyReused(_) => Self::IdempotencyKeyReused,
            UserError::Store(error) => error.into(),
        }
    }
}

impl From<ApiKeyError> for Error {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::NotFound => Self::NotFound("user"),
            ApiKeyError::TooMany => Self::TooManyApiKeys,
            ApiKeyError::KeyReused(_) => Self::IdempotencyKeyReused,
            ApiKeyError::Store(error) => error.into(),
        }
    }
}

impl From<InviteError> for Error {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::NotFound => Self::NotFound("user"),
            InviteError::KeyReused(_) => Self::IdempotencyKeyReused,
            InviteError::Store(error) => error.into(),
        }
    }
}

impl From<AcceptError> for Error {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Invalid => Self::InviteInvalid,
            AcceptError::User(error) => error.into(),
        }
    }
}

impl From<ShelfError> for Error {
    fn from(error: ShelfError) -> Self {
        match error {
            ShelfError::NotFound => Self::NotFound("shelf entry"),
            ShelfError::UserNotFound => Self::NotFound("user"),
            ShelfError::BookNotFound => {
                Fault::new(FaultCode::NotFound, "is not the id of a book in the catalogue")
                    .of("book_id")
                    .into()
            }
            ShelfError::UnknownBook => Self::CatalogueWriteRefused,
            ShelfError::AlreadyOnShelf { by } => Self::AlreadyOnShelf { by },
            ShelfError::Full { most } => Self::ShelfFull { most },
            ShelfError::Stale => Self::Stale,
            ShelfError::Invalid(faults) => faults.into(),
            ShelfError::KeyReused(_) => Self::IdempotencyKeyReused,
            ShelfError::Store(error) => error.into(),
        }
    }
}

impl From<RotationError> for Error {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::Unknown => Self::Token(TokenFault::Invalid),
            RotationError::Expired => Self::Token(TokenFault::Expired),
            RotationError::Ended => Self::Token(TokenFault::Revoked),
            RotationError::Reused { .. } => Self::Token(TokenFault::Reused),
            RotationError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bookshelf_domain::error_chain;

    use super::*;

    #[test]
    fn a_fault_is_named_once_with_its_causes() {
        let faults = Fault::new(FaultCode::Required, "is required").of("title");
        assert_eq!(error_chain(&Error::from(faults)), "the input is not valid: title is required");
    }

    #[test]
    fn a_failure_of_the_password_hasher_says_what_failed() {
        let error = Error::from(PasswordHasherError::Unexpected("the thread has ended".into()));
        assert_eq!(
            error_chain(&error),
            "unexpected failure: a password could not be hashed: the thread has ended"
        );
        let busy = PasswordHasherError::Busy;
        assert_eq!(error_chain(&Error::from(busy)), PasswordHasherError::Busy.to_string());
    }

    #[test]
    fn a_failure_of_the_cover_codec_says_what_failed() {
        let error = Error::from(CoverCodecError::Unexpected("the thread has ended".into()));
        assert_eq!(
            error_chain(&error),
            "unexpected failure: an image could not be encoded: the thread has ended"
        );
    }
}
