//! Adapters of the accounts' ports.

mod bcrypt;
mod jwt;
mod postgres;
mod rows;
mod secret;
mod sqlite;

pub use bcrypt::BcryptPasswordHasher;
pub use jwt::{JwtAccessTokens, SigningKeyError};
pub use postgres::{PostgresSessionRepository, PostgresUserRepository};
pub(crate) use rows::{UserRow, timestamp};
pub use secret::{JwtSecret, SecretError};
pub use sqlite::{SqliteSessionRepository, SqliteUserRepository};
