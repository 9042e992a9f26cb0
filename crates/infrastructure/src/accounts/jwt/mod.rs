//! Access tokens as JSON Web Tokens.

mod access_tokens;
mod claims;
mod keys;
#[cfg(test)]
mod tests;

pub use access_tokens::JwtAccessTokens;
pub use keys::SigningKeyError;
