//! Adapters of the accounts' ports.

mod bcrypt;
mod jwt;
pub(crate) mod rows;
mod secret;

pub use crate::postgres::adapters::accounts::sessions::SessionAdapter as PostgresSessionRepository;
pub use crate::postgres::adapters::accounts::users::UserAdapter as PostgresUserRepository;
pub use crate::sqlite::adapters::accounts::sessions::SessionAdapter as SqliteSessionRepository;
pub use crate::sqlite::adapters::accounts::users::UserAdapter as SqliteUserRepository;
pub use bcrypt::BcryptPasswordHasher;
pub use jwt::{JwtAccessTokens, SigningKeyError};
pub use secret::{JwtSecret, SecretError};
