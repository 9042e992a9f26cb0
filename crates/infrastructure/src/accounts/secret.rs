use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bookshelf_domain::Random;

/// A secret for HS256, of at least 32 bytes (RFC 7518, section 3.2). Its `Debug` form does not show
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct JwtSecret(Vec<u8>);

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("a JWT secret must have at least {} bytes, not {length}", JwtSecret::SHORTEST)]
    TooShort { length: usize },
    #[error("{}: {source}", path.display())]
    OfFile { path: PathBuf, source: Box<SecretError> },
    #[error("the JWT secret {} cannot be created or read: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl JwtSecret {
    const SHORTEST: usize = 32;
    const FILE: &str = "jwt-secret";

    /// The file in the data directory that holds the secret of this installation.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join(Self::FILE)
    }

    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let secret = secret.into();
        if secret.len() < Self::SHORTEST {
            return Err(SecretError::TooShort { length: secret.len() });
        }
        Ok(Self(secret))
    }

    /// The secret of this installation: the text in the file `jwt-secret` of the data directory. If
    /// the file is missing, it is created with a random secret and is readable by its owner only.
    ///
    /// Processes that start at the same time get the same secret.
    pub fn own(data_dir: &Path, random: &dyn Random) -> Result<Self, SecretError> {
        let path = Self::path(data_dir);
        let text = read_or_create(&path, random)
            .map_err(|source| SecretError::File { path: path.clone(), source })?;
        Self::new(text.trim())
            .map_err(|source| SecretError::OfFile { path, source: Box::new(source) })
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret(…)")
    }
}

/// Reads the file, or writes a new secret into it. The lock on the file lets only one process
/// write.
fn read_or_create(path: &Path, random: &dyn Random) -> io::Result<String> {
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    file.lock()?;
    warn_if_open_to_others(&file, path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text.is_empty() {
        text = generate(random);
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    Ok(text)
}

fn generate(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes) + "\n"
}

pub(super) fn warn_if_open_to_others(file: &File, path: &Path) -> io::Result<()> {
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        tracing::warn!(
            path = %path.display(),
            mode = format_args!("{mode:o}"),
            "other users can read this secret: run chmod 600 on it"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use std::sync::Barrier;

    fn own(dir: &Path) -> Result<JwtSecret, SecretError> {
        JwtSecret::own(dir, &SystemRandom)
    }

    #[test]
    fn it_is_created_once_and_readable_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path()).unwrap();
        assert_eq!(own(dir.path()).unwrap(), first);
        let mode = dir.path().join("jwt-secret").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let elsewhere = tempfile::tempdir().unwrap();
        assert_ne!(own(elsewhere.path()).unwrap(), first);
    }

    #[test]
    fn the_file_has_the_format_of_the_setting() {
        let dir = tempfile::tempdir().unwrap();
        let secret = own(dir.path()).unwrap();
        let text = std::fs::read_to_string(dir.path().join("jwt-secret")).unwrap();
        assert_eq!(JwtSecret::new(text.trim()).unwrap(), secret);
    }

    #[test]
    fn simultaneous_starts_get_the_same_secret() {
        let dir = tempfile::tempdir().unwrap();
        let barrier = Barrier::new(8);
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let start = || {
                barrier.wait();
                own(dir.path()).unwrap()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    }

    #[test]
    fn a_short_secret_is_refused_and_not_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt-secret");
        std::fs::write(&path, "hunter2\n").unwrap();
        let error = own(dir.path()).unwrap_err().to_string();
        assert!(error.contains("jwt-secret") && error.contains("32 bytes, not 7"), "{error}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "hunter2\n");
        assert!(JwtSecret::new([7; 31]).is_err());
        assert!(JwtSecret::new([7; 32]).is_ok());
    }

    #[test]
    fn the_error_names_a_missing_directory() {
        let dir = tempfile::tempdir().unwrap();
        let error = own(&dir.path().join("nowhere")).unwrap_err().to_string();
        assert!(error.contains("nowhere/jwt-secret"), "{error}");
    }

    #[test]
    fn debug_does_not_show_it() {
        assert_eq!(format!("{:?}", JwtSecret::new([b'x'; 32]).unwrap()), "JwtSecret(…)");
    }
}
