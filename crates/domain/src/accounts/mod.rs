//! Accounts: users, their passwords, sessions and tokens.

mod access_token;
mod common_passwords;
mod draft;
mod email;
mod password;
mod password_hasher;
mod query;
mod role;
mod session;
mod session_repository;
mod user;
mod user_repository;
mod username;

pub use access_token::{AccessClaims, AccessTokenError, AccessTokens};
pub use draft::{
    Credentials, CredentialsDraft, PasswordChange, PasswordChangeDraft, PasswordDraft,
    ProfileDraft, Registration, RegistrationDraft,
};
pub use email::Email;
pub use password::Password;
pub use password_hasher::{PasswordHash, PasswordHasher, PasswordHasherError};
pub use query::{UserFilter, UserQuery, UserSort};
pub use role::Role;
pub use session::{NewSession, RefreshDigest, Session, SessionId, SessionUser};
pub use session_repository::{Rotated, Rotation, RotationError, SessionRepository};
pub use user::{NewUser, PasswordUpdate, User, UserId, UserName, UserPatch, UserUpdate};
pub use user_repository::{DeleteIf, StoredCredentials, UserError, UserRepository};
pub use username::Username;

#[cfg(feature = "mocks")]
pub use {
    access_token::MockAccessTokens, password_hasher::MockPasswordHasher,
    session_repository::MockSessionRepository, user_repository::MockUserRepository,
};
