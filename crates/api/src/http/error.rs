use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use bookshelf_application::{Error as UseCaseError, TokenFault};
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::{Fault, FaultCode, Faults};

use serde_json::Value;

use super::Reason;
use crate::paths;

/// An error for the client, and its cause, which is only logged.
///
/// The middleware `error_response` writes its body, because the body depends on the request.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(super) reason: Reason,
    pub(super) message: Cow<'static, str>,
    pub(super) details: Faults,
    /// The address of the existing resource that conflicts with the request.
    pub(super) resource: Option<String>,
    /// What became of the work before the error.
    pub(super) report: Option<Box<Value>>,
    pub(super) cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    pub(crate) fn new(reason: Reason) -> Self {
        Self {
            reason,
            message: Cow::Borrowed(reason.message()),
            details: Faults::default(),
            resource: None,
            report: None,
            cause: None,
        }
    }

    #[must_use]
    pub(crate) fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = message.into();
        self
    }

    #[must_use]
    pub(crate) fn details(mut self, details: Faults) -> Self {
        self.details = details;
        self
    }

    fn resource(mut self, resource: String) -> Self {
        self.resource = Some(resource);
        self
    }

    /// An error about a user, whom the client may know or not.
    fn about_user(reason: Reason, user: Option<UserId>) -> Self {
        Self { resource: user.map(paths::user), ..Self::new(reason) }
    }

    #[must_use]
    pub(crate) fn report(mut self, report: Value) -> Self {
        self.report = Some(Box::new(report));
        self
    }

    #[must_use]
    pub(crate) fn cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.message
    }

    pub(crate) fn is(&self, reason: Reason) -> bool {
        self.reason == reason
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.reason.status()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason.name())
    }
}

impl Error for ApiError {}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

impl From<Reason> for ApiError {
    fn from(reason: Reason) -> Self {
        Self::new(reason)
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        Self::new(Reason::ValidationFailed).details(faults)
    }
}

impl ApiError {
    /// The error of a `PUT`. A missing field may mean that the client wanted to change only some
    /// fields, so the message names the method for that.
    pub(crate) fn of_replacement(error: UseCaseError) -> Self {
        let UseCaseError::Invalid(faults) = error else { return error.into() };
        let mut explained = Faults::default();
        for (field, found) in faults.by_field() {
            for fault in found {
                let mut fault = fault.clone();
                if fault.code == FaultCode::Required {
                    fault.sentence = format!(
                        "{fault}: PUT replaces the whole resource, PATCH changes only some fields"
                    )
                    .into();
                }
                explained.add(field, fault);
            }
        }
        explained.into()
    }
}

impl From<UseCaseError> for ApiError {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Invalid(faults) => faults.into(),
            UseCaseError::UnsupportedFormat(fault) => {
                Self::new(Reason::UnsupportedMediaType).message(format!("The body {fault}"))
            }
            UseCaseError::NotFound(what) => {
                Self::new(Reason::NotFound).message(format!("There is no such {what}"))
            }
            UseCaseError::Stale => Reason::PreconditionFailed.into(),
            UseCaseError::IsbnTaken { by } => {
                Self::new(Reason::IsbnTaken).resource(paths::book(by))
            }
            UseCaseError::BookInUse { book, shelves } => {
                let shelves =
                    format!("{shelves} {}", if shelves == 1 { "shelf" } else { "shelves" });
                let message = format!(
                    "The book is on {shelves}; add ?force=true to delete it together with these entries"
                );
                Self::new(Reason::BookInUse).message(message).resource(paths::book(book))
            }
            UseCaseError::AlreadyOnShelf { by } => {
                Self::new(Reason::AlreadyOnShelf).resource(paths::shelf_entry(by))
            }
            UseCaseError::ShelfFull { most } => Self::new(Reason::ShelfFull)
                .message(format!("Your shelf has {most} entries already; remove one first")),
            UseCaseError::EmailTaken { by } => Self::about_user(Reason::EmailTaken, by),
            UseCaseError::TooManyApiKeys => Reason::TooManyApiKeys.into(),
            UseCaseError::UsernameTaken { by } => Self::about_user(Reason::UsernameTaken, by),
            UseCaseError::LastAdmin { is } => Self::about_user(Reason::LastAdmin, Some(is)),
            UseCaseError::RegistrationClosed => Reason::RegistrationClosed.into(),
            UseCaseError::InviteInvalid => Reason::InviteInvalid.into(),
            UseCaseError::InvalidCredentials => Reason::InvalidCredentials.into(),
            UseCaseError::PasswordChanged => Self::new(Reason::InvalidCredentials).message(
                "Another request changed the password meanwhile; try again with the new password",
            ),
            UseCaseError::Token(fault) => fault.into(),
            UseCaseError::AdminRequired => {
                Self::new(Reason::AdminRequired).details(missing("admin"))
            }
            UseCaseError::CatalogueWriteRefused => Self::new(Reason::AdminRequired)
                .message("Only admins may add and change books on this server")
                .details(missing("admin")),
            UseCaseError::IdempotencyKeyReused => Reason::IdempotencyKeyReused.into(),
            UseCaseError::ApiKey(fault) => {
                Self::new(Reason::ApiKeyInvalid).message(sentence(&fault.to_string()))
            }
            UseCaseError::PermissionMissing(permission) => {
                Self::new(Reason::InsufficientPermissions)
                    .message(format!("The API key lacks the permission \"{permission}\""))
                    .details(missing(permission.as_str()))
            }
            UseCaseError::SessionRequired => Self::new(Reason::Forbidden)
                .message("An API key cannot do this; log in and use the access token")
                .details(missing("session")),
            UseCaseError::Unavailable(why) => Self::new(Reason::Unavailable).cause(why),
            UseCaseError::StorageFull(why) => Self::new(Reason::InsufficientStorage).cause(why),
            UseCaseError::Unexpected(source) => Self::new(Reason::InternalError).cause(source),
        }
    }
}

/// The permission that a refused caller needs.
fn missing(permission: &'static str) -> Faults {
    Fault::new(FaultCode::NotAllowed, permission).of("permission")
}

/// The text with a capital first letter.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

impl From<TokenFault> for ApiError {
    fn from(fault: TokenFault) -> Self {
        Self::new(match fault {
            TokenFault::Expired => Reason::TokenExpired,
            TokenFault::Invalid => Reason::TokenInvalid,
            TokenFault::Revoked => Reason::TokenRevoked,
            TokenFault::Reused => Reason::TokenReused,
        })
    }
}
