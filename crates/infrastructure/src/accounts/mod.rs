//! Adapters of the accounts' ports.

mod bcrypt;
mod jwt;
mod secret;

pub use bcrypt::BcryptPasswordHasher;
pub use jwt::{JwtAccessTokens, SigningKeyError};
pub use secret::{JwtSecret, SecretError};
