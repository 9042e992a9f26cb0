//! Adapters of the ports of accounts.

mod bcrypt;
mod jwt;
pub(crate) mod rows;
mod secret;

pub use bcrypt::BcryptPasswordHasher;
pub use jwt::{JwtAccessTokens, SigningKeyError};
pub use secret::{JwtSecret, SecretError};
