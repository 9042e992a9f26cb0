use super::access_tokens::JwtAccessTokens;
use super::claims::{Claims, LEEWAY};
use crate::accounts::JwtSecret;
use crate::system::{SystemClock, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bookshelf_domain::accounts::{
    AccessClaims, AccessTokenError, AccessTokens, Role, SessionId, UserId,
};
use bookshelf_domain::{Clock, Random, Timestamp};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, decode};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const SECRET: [u8; 32] = [7; 32];

fn hs256() -> JwtAccessTokens {
    JwtAccessTokens::hs256(&JwtSecret::new(SECRET).unwrap()).unwrap()
}

fn claims(now: Timestamp) -> AccessClaims {
    AccessClaims {
        user: UserId::new(42),
        session: SessionId::new(7),
        role: Role::Admin,
        epoch: 3,
        id: "a-jti".into(),
        issued_at: now,
        expires_at: now + TimeDelta::minutes(15),
    }
}

fn assert_invalid(tokens: &JwtAccessTokens, token: &str) {
    let verified = tokens.verify(token, SystemClock.now());
    assert!(matches!(verified, Err(AccessTokenError::Invalid(_))), "{verified:?}: {token}");
}

fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

fn decoded(part: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token with another header or payload that is signed with the right key nonetheless.
fn forged(header: &str, payload: &Value, key: &EncodingKey, with: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(&payload.to_string()));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, with).unwrap();
    format!("{message}.{signature}")
}

/// The header and the payload of a good token.
fn good(tokens: &JwtAccessTokens) -> (String, Value) {
    let token = tokens.sign(&claims(SystemClock.now())).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    (decoded(parts[0]), serde_json::from_str(&decoded(parts[1])).unwrap())
}

/// Writes a new Ed25519 key as PKCS#8 (RFC 8410, section 7) in PEM.
fn write_key(folder: &Path, kid: &str) {
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend([0; 32]);
    SystemRandom.fill(&mut der[16..]);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    );
    fs::write(folder.join(format!("{kid}.pem")), pem).unwrap();
}

fn made_at(folder: &Path, kid: &str, age_in_days: u64) {
    let file = fs::File::options().append(true).open(folder.join(format!("{kid}.pem")));
    let age = std::time::Duration::from_secs(age_in_days * 86_400);
    let file = file.unwrap();
    file.set_modified(file.metadata().unwrap().modified().unwrap() - age).unwrap();
}

#[test]
fn signed_claims_are_verified_to_the_microsecond() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "k1");
    for tokens in [hs256(), JwtAccessTokens::eddsa(folder.path()).unwrap()] {
        let now = SystemClock.now();
        let claims = claims(now);
        let token = tokens.sign(&claims).unwrap();
        assert_eq!(tokens.verify(&token, now), Ok(claims.clone()));
        let last = claims.expires_at - TimeDelta::microseconds(1);
        assert_eq!(tokens.verify(&token, last), Ok(claims.clone()));
        assert_eq!(tokens.verify(&token, claims.expires_at), Err(AccessTokenError::Expired));
    }
}

#[test]
fn a_clock_may_be_ten_seconds_behind() {
    let now = SystemClock.now();
    let token = hs256().sign(&claims(now)).unwrap();
    assert!(hs256().verify(&token, now - LEEWAY).is_ok());
    let before = now - LEEWAY - TimeDelta::microseconds(1);
    assert!(matches!(hs256().verify(&token, before), Err(AccessTokenError::Invalid(_))));
}

#[test]
fn the_token_has_the_claims_and_the_type_of_rfc_9068() {
    let (header, payload) = good(&hs256());
    assert_eq!(header, r#"{"typ":"at+jwt","alg":"HS256"}"#);
    let claims: Vec<_> = payload.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["aud", "epoch", "exp", "iat", "iss", "jti", "nbf", "role", "sid", "sub"];
    assert_eq!(claims, expected);
    assert_eq!(payload["sub"], "42");
}

#[test]
fn another_secret_payload_or_shape_is_invalid() {
    let tokens = hs256();
    let (header, payload) = good(&tokens);
    let right = EncodingKey::from_secret(&SECRET);
    assert!(
        tokens
            .verify(&forged(&header, &payload, &right, Algorithm::HS256), SystemClock.now())
            .is_ok()
    );

    let wrong = EncodingKey::from_secret(&[8; 32]);
    assert_invalid(&tokens, &forged(&header, &payload, &wrong, Algorithm::HS256));
    let token = forged(&header, &payload, &right, Algorithm::HS256);
    let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    let mut promoted = payload;
    promoted["sub"] = json!("1");
    parts[1] = part(&promoted.to_string());
    assert_invalid(&tokens, &parts.join("."));
    for text in ["", ".", "..", "a.b.c", "bkr_0123456789abcdef", &token[1..], &format!("{token}.")]
    {
        assert_invalid(&tokens, text);
    }
}

#[test]
fn every_claim_is_required_and_checked() {
    let tokens = hs256();
    let (header, payload) = good(&tokens);
    let key = EncodingKey::from_secret(&SECRET);
    for claim in payload.as_object().unwrap().keys() {
        let mut without = payload.clone();
        without.as_object_mut().unwrap().remove(claim);
        assert_invalid(&tokens, &forged(&header, &without, &key, Algorithm::HS256));
    }
    for (claim, value) in [
        ("iss", json!("bookworm")),
        ("aud", json!("another-api")),
        ("sub", json!("ann")),
        ("role", json!("owner")),
        ("exp", json!("tomorrow")),
        ("exp", json!(1e300)),
        ("epoch", json!(1.5)),
    ] {
        let mut with = payload.clone();
        with[claim] = value;
        assert_invalid(&tokens, &forged(&header, &with, &key, Algorithm::HS256));
    }
}

#[test]
fn only_the_headers_that_the_server_writes_are_accepted() {
    let tokens = hs256();
    let (_, payload) = good(&tokens);
    let key = EncodingKey::from_secret(&SECRET);
    let jwk = format!(r#""jwk":{{"kty":"oct","k":"{}"}}"#, URL_SAFE_NO_PAD.encode(SECRET));
    for (parameters, with) in [
        (r#""alg":"HS256""#, Algorithm::HS256),
        (r#""typ":"JWT","alg":"HS256""#, Algorithm::HS256),
        (r#""typ":"at+jwt","alg":"HS256","kid":"k1""#, Algorithm::HS256),
        (&format!(r#""typ":"at+jwt","alg":"HS256",{jwk}"#), Algorithm::HS256),
        (r#""typ":"at+jwt","alg":"HS256","jku":"https://example.com/jwks.json""#, Algorithm::HS256),
        (r#""typ":"at+jwt","alg":"HS256","crit":["exp"]"#, Algorithm::HS256),
        (r#""typ":"at+jwt","alg":"HS512""#, Algorithm::HS512),
    ] {
        assert_invalid(&tokens, &forged(&format!("{{{parameters}}}"), &payload, &key, with));
    }
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = part(&format!(r#"{{"typ":"at+jwt","alg":"{alg}"}}"#));
        assert_invalid(&tokens, &format!("{header}.{}.", part(&payload.to_string())));
    }
}

#[test]
fn the_public_key_is_not_accepted_as_an_hs256_secret() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "k1");
    let tokens = JwtAccessTokens::eddsa(folder.path()).unwrap();
    let (_, payload) = good(&tokens);
    let published = serde_json::to_value(tokens.jwks()).unwrap();
    let x = URL_SAFE_NO_PAD.decode(published["keys"][0]["x"].as_str().unwrap()).unwrap();
    for header in [
        r#"{"typ":"at+jwt","alg":"HS256","kid":"k1"}"#,
        r#"{"typ":"at+jwt","alg":"EdDSA","kid":"k1"}"#,
        r#"{"typ":"at+jwt","alg":"HS256"}"#,
    ] {
        let key = EncodingKey::from_secret(&x);
        assert_invalid(&tokens, &forged(header, &payload, &key, Algorithm::HS256));
    }
    assert_invalid(&tokens, &hs256().sign(&claims(SystemClock.now())).unwrap());
    let eddsa = tokens.sign(&claims(SystemClock.now())).unwrap();
    assert_invalid(&hs256(), &eddsa);
}

#[test]
fn the_newest_key_signs_and_all_verify() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "z-old");
    made_at(folder.path(), "z-old", 30);
    fs::write(folder.path().join("README"), "not a key").unwrap();
    let now = SystemClock.now();
    let before = JwtAccessTokens::eddsa(folder.path()).unwrap();
    let old = before.sign(&claims(now)).unwrap();

    write_key(folder.path(), "a-new");
    let after = JwtAccessTokens::eddsa(folder.path()).unwrap();
    assert_eq!(good(&after).0, r#"{"typ":"at+jwt","alg":"EdDSA","kid":"a-new"}"#);
    assert!(after.verify(&old, now).is_ok());
    assert_invalid(&before, &after.sign(&claims(now)).unwrap());

    fs::remove_file(folder.path().join("z-old.pem")).unwrap();
    assert_invalid(&JwtAccessTokens::eddsa(folder.path()).unwrap(), &old);
}

#[test]
fn a_token_signed_by_another_key_than_its_kid_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "k1");
    let tokens = JwtAccessTokens::eddsa(folder.path()).unwrap();
    let stranger = tempfile::tempdir().unwrap();
    write_key(stranger.path(), "k1");
    let stranger = JwtAccessTokens::eddsa(stranger.path()).unwrap();
    assert_invalid(&tokens, &stranger.sign(&claims(SystemClock.now())).unwrap());
}

#[test]
fn the_published_keys_verify_and_contain_no_private_part() {
    let folder = tempfile::tempdir().unwrap();
    write_key(folder.path(), "k1");
    write_key(folder.path(), "k2");
    let tokens = JwtAccessTokens::eddsa(folder.path()).unwrap();
    let published = serde_json::to_value(tokens.jwks()).unwrap();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
    let token = tokens.sign(&claims(SystemClock.now())).unwrap();
    let header: Header = jsonwebtoken::decode_header(&token).unwrap();
    let jwk = keys.iter().find(|key| key["kid"] == json!(header.kid)).unwrap();
    let public = DecodingKey::from_ed_components(jwk["x"].as_str().unwrap()).unwrap();
    assert!(decode::<Claims>(&token, &public, &tokens.validation).is_ok());
    assert_eq!(serde_json::to_value(hs256().jwks()).unwrap(), json!({"keys": []}));
}

#[test]
fn a_folder_without_valid_keys_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| JwtAccessTokens::eddsa(path).err().unwrap().to_string();
    assert!(error(folder.path()).contains("no JWT key"));
    assert!(error(&folder.path().join("nowhere")).contains("cannot be read"));
    fs::write(folder.path().join("k1.pem"), "-----BEGIN").unwrap();
    assert!(error(folder.path()).contains("k1.pem is not a private Ed25519 key"));
}
