use actix_web::http::StatusCode;

/// Why a request was refused. The names are stable, because programs depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    BadRequest,
    MalformedJson,
    MissingBody,
    MalformedQuery,
    MalformedCursor,
    UnsupportedApiVersion,
    TokenMissing,
    TokenExpired,
    TokenInvalid,
    TokenRevoked,
    TokenReused,
    ApiKeyInvalid,
    InvalidCredentials,
    Forbidden,
    AdminRequired,
    InsufficientPermissions,
    RegistrationClosed,
    InviteInvalid,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    IsbnTaken,
    EmailTaken,
    TooManyApiKeys,
    UsernameTaken,
    LastAdmin,
    AlreadyOnShelf,
    ShelfFull,
    BookInUse,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    IdempotencyKeyReused,
    PreconditionRequired,
    RateLimited,
    InternalError,
    Unavailable,
    InsufficientStorage,
}

use Reason as R;

/// The status, name and default message of every reason, in the order of the enum.
const TABLE: [(Reason, StatusCode, &str, &str); 39] = [
    (R::BadRequest, StatusCode::BAD_REQUEST, "bad_request", "The request is malformed"),
    (R::MalformedJson, StatusCode::BAD_REQUEST, "malformed_json", "The body is not valid JSON"),
    (R::MissingBody, StatusCode::BAD_REQUEST, "missing_body", "The request needs a JSON body"),
    (R::MalformedQuery, StatusCode::BAD_REQUEST, "malformed_query", "The query is malformed"),
    (
        R::MalformedCursor,
        StatusCode::BAD_REQUEST,
        "malformed_cursor",
        "The cursor is damaged, or belongs to another query; start again without it",
    ),
    (
        R::UnsupportedApiVersion,
        StatusCode::BAD_REQUEST,
        "unsupported_api_version",
        "This API has only version 1",
    ),
    (
        R::TokenMissing,
        StatusCode::UNAUTHORIZED,
        "token_missing",
        "The request needs an access token",
    ),
    (R::TokenExpired, StatusCode::UNAUTHORIZED, "token_expired", "The token has expired"),
    (R::TokenInvalid, StatusCode::UNAUTHORIZED, "token_invalid", "The token is not valid"),
    (R::TokenRevoked, StatusCode::UNAUTHORIZED, "token_revoked", "The token was revoked"),
    (
        R::TokenReused,
        StatusCode::UNAUTHORIZED,
        "token_reused",
        "The refresh token was used before, so its session was ended; log in again",
    ),
    (R::ApiKeyInvalid, StatusCode::UNAUTHORIZED, "api_key_invalid", "The API key is not valid"),
    (
        R::InvalidCredentials,
        StatusCode::UNAUTHORIZED,
        "invalid_credentials",
        "The email address or the password is wrong",
    ),
    (R::Forbidden, StatusCode::FORBIDDEN, "forbidden", "The request is not allowed"),
    (
        R::AdminRequired,
        StatusCode::FORBIDDEN,
        "admin_required",
        "The permission \"admin\" is missing",
    ),
    (
        R::InsufficientPermissions,
        StatusCode::FORBIDDEN,
        "insufficient_permissions",
        "The API key lacks a permission",
    ),
    (
        R::RegistrationClosed,
        StatusCode::FORBIDDEN,
        "registration_closed",
        "Registration is closed on this server; ask an admin for an account",
    ),
    (
        R::InviteInvalid,
        StatusCode::FORBIDDEN,
        "invite_invalid",
        "The invitation is missing, or it is unknown, used, expired, revoked, or for another email \
         address; ask an admin for a new one",
    ),
    (R::NotFound, StatusCode::NOT_FOUND, "not_found", "There is no resource at this address"),
    (
        R::MethodNotAllowed,
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not support the method",
    ),
    (
        R::NotAcceptable,
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        "The response has no media type that the header Accept allows",
    ),
    (R::IsbnTaken, StatusCode::CONFLICT, "isbn_taken", "Another book has this ISBN"),
    (R::EmailTaken, StatusCode::CONFLICT, "email_taken", "Another user has this email address"),
    (
        R::TooManyApiKeys,
        StatusCode::CONFLICT,
        "too_many_api_keys",
        "You have 20 API keys already; revoke one first",
    ),
    (R::UsernameTaken, StatusCode::CONFLICT, "username_taken", "Another user has this username"),
    (
        R::LastAdmin,
        StatusCode::CONFLICT,
        "last_admin",
        "This is the last admin; make another user an admin first",
    ),
    (
        R::AlreadyOnShelf,
        StatusCode::CONFLICT,
        "already_on_shelf",
        "The book is on your shelf already",
    ),
    (
        R::ShelfFull,
        StatusCode::CONFLICT,
        "shelf_full",
        "Your shelf has as many entries as it can have; remove one first",
    ),
    (R::BookInUse, StatusCode::CONFLICT, "book_in_use", "The book is on shelves"),
    (
        R::PreconditionFailed,
        StatusCode::PRECONDITION_FAILED,
        "precondition_failed",
        "The resource has changed; read it again before you write",
    ),
    (
        R::PayloadTooLarge,
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "The body is too large",
    ),
    (
        R::UnsupportedMediaType,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "The body has the wrong media type",
    ),
    (
        R::ValidationFailed,
        StatusCode::UNPROCESSABLE_ENTITY,
        "validation_failed",
        "Validation failed",
    ),
    (
        R::IdempotencyKeyReused,
        StatusCode::UNPROCESSABLE_ENTITY,
        "idempotency_key_reused",
        "The idempotency key was used for another request; use a new one",
    ),
    (
        R::PreconditionRequired,
        StatusCode::PRECONDITION_REQUIRED,
        "precondition_required",
        "The request needs the header If-Match",
    ),
    (R::RateLimited, StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests"),
    (
        R::InternalError,
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on the server",
    ),
    (
        R::Unavailable,
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The service is busy or not available; try again in a moment",
    ),
    (
        R::InsufficientStorage,
        StatusCode::INSUFFICIENT_STORAGE,
        "insufficient_storage",
        "The server has no space left to write; reading still works",
    ),
];

impl Reason {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(reason, ..)| *reason)
    }

    pub(crate) const fn status(self) -> StatusCode {
        TABLE[self as usize].1
    }

    pub(crate) const fn name(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The message for people, unless an error has a more specific one.
    pub(crate) const fn message(self) -> &'static str {
        TABLE[self as usize].3
    }

    /// The reason for an error of the framework, of which only the status is known.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::TokenMissing,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Self::NotAcceptable,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::UNPROCESSABLE_ENTITY => Self::ValidationFailed,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            StatusCode::INSUFFICIENT_STORAGE => Self::InsufficientStorage,
            status if status.is_client_error() => Self::BadRequest,
            _ => Self::InternalError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_reasons() {
        for (index, (reason, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*reason as usize, index, "{reason:?}");
        }
        assert_eq!(TABLE.len(), Reason::InsufficientStorage as usize + 1);
    }

    /// The page also says what to do about each reason.
    #[test]
    fn the_page_about_errors_has_the_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
        let page = std::fs::read_to_string(page).unwrap();
        let mut rows = page.lines().filter(|line| line.contains("| `"));
        for (_, status, name, message) in TABLE {
            let row = rows.next().unwrap_or_else(|| panic!("{name} is missing"));
            let start = format!("| {} | `{name}` | {message} | ", status.as_u16());
            let advice = row.strip_prefix(&start).and_then(|rest| rest.strip_suffix(" |"));
            assert!(
                advice.is_some_and(|advice| advice.len() > 10),
                "{row} does not begin with {start}"
            );
        }
        assert_eq!(rows.next(), None);
    }

    #[test]
    fn a_status_of_the_framework_keeps_its_class() {
        for code in 400..600 {
            let status = StatusCode::from_u16(code).unwrap();
            let answer = Reason::of_status(status).status();
            assert_eq!(answer.is_client_error(), status.is_client_error(), "{code}");
        }
    }
}
