use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};

use crate::accounts::secret::{JwtSecret, warn_if_open_to_others};

/// The media type of an access token without `application/` (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";

#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    #[error("the JWT keys in {} cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("there is no JWT key (*.pem) in {}", .0.display())]
    None(PathBuf),
    #[error("{} is not a private Ed25519 key (PKCS#8, PEM): {source}", path.display())]
    NotEd25519 { path: PathBuf, source: jsonwebtoken::errors::Error },
    #[error("the JWT secret cannot be used: {0}")]
    Secret(#[source] jsonwebtoken::errors::Error),
}

/// The keys that sign and verify. All have one algorithm, and the first one signs.
pub(super) struct SigningKeys {
    pub(super) algorithm: Algorithm,
    pub(super) signing: SigningKey,
    older: Vec<SigningKey>,
    /// The public keys.
    pub(super) published: JwkSet,
}

pub(super) struct SigningKey {
    pub(super) header: Header,
    /// The header as it is written in every token of this key.
    encoded_header: String,
    pub(super) private: EncodingKey,
    pub(super) public: DecodingKey,
}

impl SigningKeys {
    /// One secret, without a `kid`.
    pub(super) fn hs256(secret: &JwtSecret) -> Result<Self, SigningKeyError> {
        let signing = SigningKey::new(
            Algorithm::HS256,
            None,
            EncodingKey::from_secret(secret.expose()),
            DecodingKey::from_secret(secret.expose()),
        )
        .map_err(SigningKeyError::Secret)?;
        Ok(Self {
            algorithm: Algorithm::HS256,
            signing,
            older: Vec::new(),
            published: JwkSet { keys: Vec::new() },
        })
    }

    /// The keys in the `*.pem` files of a folder. The name of a file without `.pem` is the `kid`.
    /// The key that was modified last signs; of several the one whose name comes last.
    pub(super) fn eddsa(folder: &Path) -> Result<Self, SigningKeyError> {
        let mut files = pem_files(folder)
            .map_err(|source| SigningKeyError::Unreadable { path: folder.to_owned(), source })?;
        files.sort();
        let mut keys = Vec::new();
        let mut published = JwkSet { keys: Vec::new() };
        for PemFile { path, kid, pem, .. } in files.into_iter().rev() {
            let (key, jwk) = ed25519(kid, &pem)
                .map_err(|source| SigningKeyError::NotEd25519 { path, source })?;
            keys.push(key);
            published.keys.push(jwk);
        }
        let mut keys = keys.into_iter();
        let signing = keys.next().ok_or_else(|| SigningKeyError::None(folder.to_owned()))?;
        Ok(Self { algorithm: Algorithm::EdDSA, signing, older: keys.collect(), published })
    }

    /// The key with exactly this header. A header that this server did not write is refused:
    /// another algorithm, an unknown `kid`, or a key in `jwk` or `jku`.
    pub(super) fn by_header(&self, encoded: &str) -> Option<&SigningKey> {
        std::iter::once(&self.signing).chain(&self.older).find(|key| key.encoded_header == encoded)
    }
}

impl SigningKey {
    fn new(
        algorithm: Algorithm,
        kid: Option<String>,
        private: EncodingKey,
        public: DecodingKey,
    ) -> jsonwebtoken::errors::Result<Self> {
        let mut header = Header::new(algorithm);
        header.typ = Some(TYPE.to_owned());
        header.kid = kid;
        let mut encoded_header = encode(&header, &(), &private)?;
        encoded_header.truncate(encoded_header.find('.').unwrap_or_default());
        Ok(Self { header, encoded_header, private, public })
    }
}

/// A key file. Files are ordered by the time of modification, then by name.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct PemFile {
    modified: std::time::SystemTime,
    kid: String,
    path: PathBuf,
    pem: Vec<u8>,
}

fn pem_files(folder: &Path) -> io::Result<Vec<PemFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(kid), Some("pem")) = (
            path.file_stem().and_then(|name| name.to_str()),
            path.extension().and_then(|ending| ending.to_str()),
        ) else {
            continue;
        };
        let mut file = File::open(&path)?;
        warn_if_open_to_others(&file, &path)?;
        let mut pem = Vec::new();
        file.read_to_end(&mut pem)?;
        files.push(PemFile {
            modified: file.metadata()?.modified()?,
            kid: kid.to_owned(),
            path,
            pem,
        });
    }
    Ok(files)
}

/// The key, and its public part for publication (RFC 8037, section 2).
fn ed25519(kid: String, pem: &[u8]) -> jsonwebtoken::errors::Result<(SigningKey, Jwk)> {
    let private = EncodingKey::from_ed_pem(pem)?;
    let mut jwk = Jwk::from_encoding_key(&private, Algorithm::EdDSA)?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    let public = DecodingKey::from_jwk(&jwk)?;
    Ok((SigningKey::new(Algorithm::EdDSA, Some(kid), private, public)?, jwk))
}
