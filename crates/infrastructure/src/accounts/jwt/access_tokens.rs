use std::path::Path;

use bookshelf_domain::Timestamp;
use bookshelf_domain::accounts::{AccessClaims, AccessTokenError, AccessTokens};
use jsonwebtoken::{Validation, decode, encode};
use serde::Serialize;

use super::claims::{AUDIENCE, Claims, ISSUER, invalid};
use super::keys::{SigningKeyError, SigningKeys};
use crate::accounts::JwtSecret;

/// Access tokens as JWT (RFC 9068), signed with HS256 or EdDSA.
pub struct JwtAccessTokens {
    keys: SigningKeys,
    pub(super) validation: Validation,
}

impl JwtAccessTokens {
    pub fn hs256(secret: &JwtSecret) -> Result<Self, SigningKeyError> {
        Ok(Self::new(SigningKeys::hs256(secret)?))
    }

    /// Signs and verifies with the Ed25519 keys of a folder of PEM files. The name of a file is the
    /// `kid`. The newest key signs, and all verify.
    pub fn eddsa(folder: &Path) -> Result<Self, SigningKeyError> {
        Ok(Self::new(SigningKeys::eddsa(folder)?))
    }

    fn new(keys: SigningKeys) -> Self {
        let mut validation = Validation::new(keys.algorithm);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // The library would use the system's clock. `Claims::check` uses the time that is passed
        // in.
        validation.validate_exp = false;
        Self { keys, validation }
    }

    /// The public keys as a JWK set (RFC 7517, section 5). With HS256 there are none.
    pub fn jwks(&self) -> &(impl Serialize + use<>) {
        &self.keys.published
    }
}

impl AccessTokens for JwtAccessTokens {
    fn sign(&self, claims: &AccessClaims) -> Result<String, AccessTokenError> {
        let key = &self.keys.signing;
        encode(&key.header, &Claims::of(claims), &key.private).map_err(invalid)
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenError> {
        let key = token
            .split_once('.')
            .and_then(|(header, _)| self.keys.by_header(header))
            .ok_or_else(|| invalid("its header belongs to no key of this server"))?;
        decode::<Claims>(token, &key.public, &self.validation).map_err(invalid)?.claims.check(now)
    }
}
