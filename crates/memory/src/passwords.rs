use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bookshelf_domain::accounts::{Password, PasswordHash, PasswordHasher, PasswordHasherError};

/// "Hashes" that contain the password as it is: `plain:SALT:PASSWORD`. They protect nothing, so they
/// are for tests alone, where a slow hash would only take time.
///
/// It does not keep the clause that every check takes the same time.
#[derive(Debug, Default)]
pub struct PlainPasswords(AtomicU64);

impl PlainPasswords {
    /// A hasher whose first salt is 0.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl PasswordHasher for PlainPasswords {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError> {
        let salt = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(PasswordHash::new(format!("plain:{salt}:{}", password.expose())))
    }

    async fn verify(
        &self,
        password: String,
        hash: Option<PasswordHash>,
    ) -> Result<bool, PasswordHasherError> {
        let hash = hash.as_ref().and_then(|hash| hash.expose().strip_prefix("plain:"));
        let Some((_, hashed)) = hash.and_then(|hash| hash.split_once(':')) else {
            return Ok(false);
        };
        Ok(Password::forms(&password).any(|form| form.expose() == hashed))
    }

    fn keep_pace_with(&self, _: &PasswordHash) {}

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        !hash.expose().starts_with("plain:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_in_the_forms_that_it_may_be_sent_in() {
        let passwords = PlainPasswords::new();
        let password = |text| Password::parse(text, None).unwrap();
        let hash = passwords.hash(password("grünes Pferd: 9")).await.unwrap();
        assert_ne!(hash, passwords.hash(password("grünes Pferd: 9")).await.unwrap());
        let is = async |text: &str, hash: Option<&PasswordHash>| {
            passwords.verify(text.to_owned(), hash.cloned()).await.unwrap()
        };
        assert!(is("gru\u{308}nes Pferd: 9", Some(&hash)).await);
        assert!(!is("grünes Pferd", Some(&hash)).await);
        assert!(!is("grünes Pferd: 9", None).await);
        let other = PasswordHash::new("$2b$12$…");
        assert!(!is("grünes Pferd: 9", Some(&other)).await);
        assert!(passwords.is_outdated(&other) && !passwords.is_outdated(&hash));
    }
}
