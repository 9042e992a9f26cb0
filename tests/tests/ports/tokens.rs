//! The contract of the port AccessTokens. What only the holder of a key can forge is tested beside
//! each adapter.

use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bookshelf_contract::sample::moment;
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, AccessTokens, Role, SessionId, UserId,
};
use bookshelf_infrastructure::accounts::{JwtAccessTokens, JwtSecret};
use chrono::TimeDelta;

fn hs256(secret: u8) -> Arc<dyn AccessTokens> {
    Arc::new(JwtAccessTokens::hs256(&JwtSecret::new([secret; 32]).unwrap()).unwrap())
}

/// With a key made from this seed (PKCS#8, RFC 8410, section 7).
fn eddsa(seed: u8) -> Arc<dyn AccessTokens> {
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend([seed; 32]);
    let body = STANDARD.encode(der);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), pem).unwrap();
    Arc::new(JwtAccessTokens::eddsa(folder.path()).unwrap())
}

/// Of every kind one, and one of the same kind with another key.
fn kinds() -> [(Arc<dyn AccessTokens>, Arc<dyn AccessTokens>); 2] {
    [(hs256(1), hs256(2)), (eddsa(1), eddsa(2))]
}

fn claims() -> AccessClaims {
    AccessClaims {
        user: UserId::new(i64::MAX),
        session: SessionId::new(7),
        role: Role::Admin,
        epoch: 3,
        id: "a token".to_owned(),
        issued_at: moment(0),
        expires_at: moment(900) + TimeDelta::microseconds(123_457),
    }
}

fn assert_invalid(tokens: &dyn AccessTokens, token: &str) {
    let answer = tokens.verify(token, moment(1));
    assert!(matches!(answer, Err(AccessTokenError::Invalid(_))), "{answer:?}: {token}");
}

#[test]
fn what_was_signed_is_accepted_until_it_expires() {
    for (tokens, _) in kinds() {
        for role in [Role::User, Role::Admin] {
            let claims = AccessClaims { role, ..claims() };
            let token = tokens.sign(&claims).unwrap();
            let last = claims.expires_at - TimeDelta::microseconds(1);
            for now in [claims.issued_at, last] {
                assert_eq!(tokens.verify(&token, now), Ok(claims.clone()));
            }
            for now in [claims.expires_at, moment(901), moment(90_000_000)] {
                assert_eq!(tokens.verify(&token, now), Err(AccessTokenError::Expired));
            }
        }
    }
}

#[test]
fn another_key_and_another_algorithm_are_refused() {
    let tokens: Vec<_> = kinds().into_iter().flat_map(|(one, other)| [one, other]).collect();
    for (signing, signer) in tokens.iter().enumerate() {
        let token = signer.sign(&claims()).unwrap();
        for (verifying, verifier) in tokens.iter().enumerate() {
            if signing != verifying {
                assert_invalid(&**verifier, &token);
            }
        }
    }
}

#[test]
fn a_token_that_was_changed_anywhere_is_refused() {
    for (tokens, _) in kinds() {
        let token = tokens.sign(&claims()).unwrap();
        for (place, character) in token.char_indices() {
            let other = if character == 'A' { 'B' } else { 'A' };
            let mut changed = token.clone();
            changed.replace_range(place..place + 1, &other.to_string());
            // The last character of base64 may differ in bits that mean nothing, as long as nobody
            // accepts them.
            assert_invalid(&*tokens, &changed);
        }
        for length in 0..token.len() {
            assert_invalid(&*tokens, &token[..length]);
        }
        assert_invalid(&*tokens, &format!("{token}.{token}"));
    }
}

#[test]
fn another_header_is_refused() {
    for (tokens, _) in kinds() {
        let token = tokens.sign(&claims()).unwrap();
        let [_, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        for header in [
            r#"{"typ":"at+jwt","alg":"none"}"#,
            r#"{"typ":"JWT","alg":"HS256"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"typ":"at+jwt","alg":"HS512"}"#,
            r#"{"typ":"at+jwt","alg":"EdDSA","kid":"../key"}"#,
        ] {
            let header = URL_SAFE_NO_PAD.encode(header);
            for signature in [signature, ""] {
                assert_invalid(&*tokens, &format!("{header}.{payload}.{signature}"));
            }
        }
    }
}

#[test]
fn what_is_no_token_at_all_is_refused() {
    for (tokens, _) in kinds() {
        for text in ["", ".", "..", "...", "bkr_abc", "a.b.c", "é.é.é", &"a".repeat(100_000)] {
            assert_invalid(&*tokens, text);
        }
    }
}
