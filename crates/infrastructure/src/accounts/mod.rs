//! Adapters of the accounts' ports.

mod bcrypt;
mod jwt;
mod rows;
mod secret;
mod sqlite;

pub use bcrypt::BcryptPasswordHasher;
pub use jwt::{JwtAccessTokens, SigningKeyError};
pub use secret::{JwtSecret, SecretError};
pub use sqlite::{SqliteSessionRepository, SqliteUserRepository};
