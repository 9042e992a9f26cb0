use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Why the server refused a request. Programs decide by it; the message is for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The request is malformed.
    BadRequest,
    /// The body is not valid JSON.
    MalformedJson,
    /// The request needs a body.
    MissingBody,
    /// The query is malformed.
    MalformedQuery,
    /// The cursor is damaged, or belongs to another query.
    MalformedCursor,
    /// The server does not have this version of the API.
    UnsupportedApiVersion,
    /// The request needs an access token.
    TokenMissing,
    /// The token has expired.
    TokenExpired,
    /// The token is not valid.
    TokenInvalid,
    /// The token was revoked.
    TokenRevoked,
    /// The refresh token was used before, so its session was ended.
    TokenReused,
    /// The API key is not valid.
    ApiKeyInvalid,
    /// The email address or the password is wrong.
    InvalidCredentials,
    /// The request is not allowed.
    Forbidden,
    /// Only an admin may do this.
    AdminRequired,
    /// The API key lacks a permission.
    InsufficientPermissions,
    /// Nobody can register on this server.
    RegistrationClosed,
    /// The invitation is missing or not valid.
    InviteInvalid,
    /// There is no such resource.
    NotFound,
    /// The address does not support the method.
    MethodNotAllowed,
    /// The response has no media type that the request accepts.
    NotAcceptable,
    /// Another book has this ISBN.
    IsbnTaken,
    /// Another user has this email address.
    EmailTaken,
    /// The user has as many API keys as a user can have.
    TooManyApiKeys,
    /// Another user has this username.
    UsernameTaken,
    /// This is the last admin.
    LastAdmin,
    /// The book is on the shelf already.
    AlreadyOnShelf,
    /// The shelf has as many entries as it can have.
    ShelfFull,
    /// The book is on shelves.
    BookInUse,
    /// The resource has changed since it was read.
    PreconditionFailed,
    /// The body is too large.
    PayloadTooLarge,
    /// The body has the wrong media type.
    UnsupportedMediaType,
    /// Fields are not valid; the details name all of them.
    ValidationFailed,
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The request needs the entity tag of the resource.
    PreconditionRequired,
    /// There were too many requests.
    RateLimited,
    /// Something went wrong on the server.
    InternalError,
    /// The server is busy or not available.
    Unavailable,
    /// The server has no space left to write.
    InsufficientStorage,
    /// A reason that this version of the client does not know.
    Other(String),
}

use Reason as R;

/// The names of the reasons that this client knows.
static NAMES: [(&str, Reason); 39] = [
    ("bad_request", R::BadRequest),
    ("malformed_json", R::MalformedJson),
    ("missing_body", R::MissingBody),
    ("malformed_query", R::MalformedQuery),
    ("malformed_cursor", R::MalformedCursor),
    ("unsupported_api_version", R::UnsupportedApiVersion),
    ("token_missing", R::TokenMissing),
    ("token_expired", R::TokenExpired),
    ("token_invalid", R::TokenInvalid),
    ("token_revoked", R::TokenRevoked),
    ("token_reused", R::TokenReused),
    ("api_key_invalid", R::ApiKeyInvalid),
    ("invalid_credentials", R::InvalidCredentials),
    ("forbidden", R::Forbidden),
    ("admin_required", R::AdminRequired),
    ("insufficient_permissions", R::InsufficientPermissions),
    ("registration_closed", R::RegistrationClosed),
    ("invite_invalid", R::InviteInvalid),
    ("not_found", R::NotFound),
    ("method_not_allowed", R::MethodNotAllowed),
    ("not_acceptable", R::NotAcceptable),
    ("isbn_taken", R::IsbnTaken),
    ("email_taken", R::EmailTaken),
    ("too_many_api_keys", R::TooManyApiKeys),
    ("username_taken", R::UsernameTaken),
    ("last_admin", R::LastAdmin),
    ("already_on_shelf", R::AlreadyOnShelf),
    ("shelf_full", R::ShelfFull),
    ("book_in_use", R::BookInUse),
    ("precondition_failed", R::PreconditionFailed),
    ("payload_too_large", R::PayloadTooLarge),
    ("unsupported_media_type", R::UnsupportedMediaType),
    ("validation_failed", R::ValidationFailed),
    ("idempotency_key_reused", R::IdempotencyKeyReused),
    ("precondition_required", R::PreconditionRequired),
    ("rate_limited", R::RateLimited),
    ("internal_error", R::InternalError),
    ("unavailable", R::Unavailable),
    ("insufficient_storage", R::InsufficientStorage),
];

impl Reason {
    /// The name that the server has for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => NAMES.iter().find(|(_, each)| each == known).map_or("", |(name, _)| name),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Reason {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        let known = NAMES.iter().find(|(each, _)| *each == name);
        Ok(known.map_or_else(|| Self::Other(name.to_owned()), |(_, reason)| reason.clone()))
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let Ok(reason) = name.parse();
        Ok(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_errors_has_the_same_reasons() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        let page = std::fs::read_to_string(page).unwrap();
        let documented: Vec<_> = page
            .lines()
            .filter_map(|line| line.split_once("| `")?.1.split_once('`'))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(documented, NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        for (name, reason) in &NAMES {
            assert_eq!((name.parse().as_ref(), reason.name()), (Ok(reason), *name));
        }
    }

    #[test]
    fn an_unknown_reason_keeps_its_name() {
        let reason: Reason = serde_json::from_str("\"out_of_ink\"").unwrap();
        assert_eq!(reason, Reason::Other("out_of_ink".to_owned()));
        assert_eq!(reason.to_string(), "out_of_ink");
    }
}
