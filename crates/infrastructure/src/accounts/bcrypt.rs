use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bcrypt::HashParts;
use bookshelf_domain::Random;
use bookshelf_domain::accounts::{Password, PasswordHash, PasswordHasher, PasswordHasherError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::background::{Background, BackgroundError};

const THREADS: usize = 2;
/// The last password in a full queue waits for about ten seconds at the default cost.
const QUEUE: usize = 64;
/// A key of our own. Without it, SHA-256 digests of passwords that leaked elsewhere could be tried
/// against these hashes.
const DIGEST_KEY: &[u8] = b"bookshelf password";

type Outcome<T> = Result<T, PasswordHasherError>;

/// Hashes passwords with bcrypt (format `$2b$`) on threads of its own, which end when it is
/// dropped.
///
/// bcrypt gets a digest of the password in base64, because it ignores everything after 72 bytes and
/// stops at a NUL.
pub struct BcryptPasswordHasher {
    threads: Background,
    hashing: Arc<Hashing>,
}

impl BcryptPasswordHasher {
    /// `cost` is that of bcrypt, 4 to 31. Each step doubles the time.
    pub fn new(cost: u32, random: Arc<dyn Random>) -> Outcome<Self> {
        Self::with_limits(cost, random, THREADS, QUEUE)
    }

    fn with_limits(
        cost: u32,
        random: Arc<dyn Random>,
        threads: usize,
        queue: usize,
    ) -> Outcome<Self> {
        let hashing = Arc::new(Hashing::new(cost, random)?);
        let threads = Background::new("bcrypt", threads, queue).map_err(unexpected)?;
        Ok(Self { threads, hashing })
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Hashing) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let hashing = Arc::clone(&self.hashing);
        self.threads.run(move || job(&hashing)).await.map_err(|error| match error {
            BackgroundError::Busy => PasswordHasherError::Busy,
            BackgroundError::Failed => unexpected(error),
        })?
    }
}

#[async_trait]
impl PasswordHasher for BcryptPasswordHasher {
    async fn hash(&self, password: Password) -> Outcome<PasswordHash> {
        self.run(move |hashing| hashing.hash(password.expose())).await
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Outcome<bool> {
        self.run(move |hashing| hashing.verify(&password, hash.as_ref())).await
    }

    fn keep_pace_with(&self, hash: &PasswordHash) {
        if let Ok(parts) = hash.expose().parse::<HashParts>() {
            self.hashing.slowest_after(parts.get_cost());
        }
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        hash.expose().parse::<HashParts>().is_ok_and(|parts| parts.get_cost() < self.hashing.cost)
    }
}

/// What the threads share.
struct Hashing {
    cost: u32,
    random: Arc<dyn Random>,
    /// The highest cost of a hash that was seen, at least `cost`. Every verification takes as long as
    /// one with this cost. Otherwise the time would reveal whether an account exists, after the cost
    /// of new hashes was lowered.
    slowest: AtomicU32,
}

impl Hashing {
    fn new(cost: u32, random: Arc<dyn Random>) -> Outcome<Self> {
        if !(4..=31).contains(&cost) {
            return Err(unexpected(bcrypt::BcryptError::CostNotAllowed(cost)));
        }
        Ok(Self { cost, random, slowest: AtomicU32::new(cost) })
    }

    /// The highest cost, after a hash of this cost was seen.
    fn slowest_after(&self, cost: u32) -> u32 {
        self.slowest.fetch_max(cost, Ordering::Relaxed).max(cost)
    }

    fn hash(&self, password: &str) -> Outcome<PasswordHash> {
        let mut salt = [0; 16];
        self.random.fill(&mut salt);
        let hash = bcrypt::non_truncating_hash_with_salt(digest(password)?, self.cost, salt)
            .map_err(unexpected)?;
        Ok(PasswordHash::new(hash.to_string()))
    }

    fn verify(&self, password: &str, hash: Option<&PasswordHash>) -> Outcome<bool> {
        let compared = match hash {
            Some(hash) => hash.expose().to_owned(),
            // Zeros in the base64 of bcrypt: a salt and a hash of no password.
            None => format!("$2b${:02}${}", self.cost, ".".repeat(53)),
        };
        let digest = digest(password)?;
        let matches = bcrypt::non_truncating_verify(&digest, &compared).map_err(unexpected)?;
        // A hash of a lower cost took 2^slowest - 2^cost fewer rounds, which is the sum of the rounds
        // of the costs in between. They are added here, so that the time does not reveal the age of
        // a hash.
        let parts: HashParts = compared.parse().map_err(unexpected)?;
        for cost in parts.get_cost()..self.slowest_after(parts.get_cost()) {
            bcrypt::non_truncating_hash_with_salt(&digest, cost, parts.get_salt_raw())
                .map_err(unexpected)?;
        }
        Ok(matches && hash.is_some())
    }
}

/// A digest of all bytes of a password, in 43 characters.
fn digest(password: &str) -> Outcome<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(DIGEST_KEY).map_err(unexpected)?;
    mac.update(password.as_bytes());
    Ok(STANDARD_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn unexpected(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PasswordHasherError {
    PasswordHasherError::Unexpected(source.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use std::time::Duration;

    fn hasher(cost: u32) -> BcryptPasswordHasher {
        BcryptPasswordHasher::new(cost, Arc::new(SystemRandom)).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text, None).unwrap()
    }

    async fn matches(hasher: &BcryptPasswordHasher, set: &str, shown: &str) -> bool {
        let hash = hasher.hash(password(set)).await.unwrap();
        hasher.verify(shown.to_owned(), Some(hash)).await.unwrap()
    }

    async fn verify_at_once(
        hasher: &Arc<BcryptPasswordHasher>,
        hash: Option<&PasswordHash>,
        shown: &[&str],
    ) -> Vec<Outcome<bool>> {
        let ask = |shown: &&str| {
            let (hasher, shown, hash) = (Arc::clone(hasher), (*shown).to_owned(), hash.cloned());
            tokio::spawn(async move { hasher.verify(shown, hash).await })
        };
        let asked: Vec<_> = shown.iter().map(ask).collect();
        let mut outcomes = Vec::new();
        for task in asked {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }

    #[tokio::test]
    async fn every_byte_counts() {
        let hasher = hasher(4);
        let long = "a".repeat(127);
        assert!(matches(&hasher, &format!("{long}b"), &format!("{long}b")).await);
        assert!(!matches(&hasher, &format!("{long}b"), &format!("{long}c")).await);
        let wide = "語".repeat(127);
        assert!(matches(&hasher, &format!("{wide}書"), &format!("{wide}書")).await);
        assert!(!matches(&hasher, &format!("{wide}書"), &format!("{wide}本")).await);
        assert!(!matches(&hasher, "correct hörse", "correct horse").await);
        assert!(!matches(&hasher, "correct horse", "correct horse\0").await);
        assert!(!matches(&hasher, "correct horse", "correct horse ").await);
    }

    #[tokio::test]
    async fn hashes_are_salted_and_in_the_2b_format() {
        let hasher = hasher(4);
        let a = hasher.hash(password("correct horse")).await.unwrap();
        let b = hasher.hash(password("correct horse")).await.unwrap();
        assert_ne!(a, b);
        assert!(a.expose().starts_with("$2b$04$"));
    }

    #[tokio::test]
    async fn without_a_hash_nothing_matches() {
        let hasher = hasher(4);
        for text in ["", "correct horse", &"x".repeat(100_000)] {
            assert!(!hasher.verify(text.to_owned(), None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn hashes_of_another_cost_verify() {
        let hash = hasher(4).hash(password("correct horse")).await.unwrap();
        let dearer = hasher(6);
        assert!(dearer.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(dearer.is_outdated(&hash));
        assert!(!hasher(4).is_outdated(&hash));
        assert!(!dearer.verify("correct house".into(), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_invalid_hash_is_an_error_and_the_threads_go_on() {
        let hasher = hasher(4);
        for _ in 0..4 {
            let refused = hasher.verify("x".into(), Some(PasswordHash::new("$2b$oops"))).await;
            assert!(matches!(refused, Err(PasswordHasherError::Unexpected(_))));
        }
        assert!(matches(&hasher, "correct horse", "correct horse").await);
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_until_it_has_room() {
        let random = Arc::new(SystemRandom);
        let hasher = Arc::new(BcryptPasswordHasher::with_limits(9, random, 1, 2).unwrap());
        // One is being hashed and two are waiting before the first is done.
        let outcomes = verify_at_once(&hasher, None, &["x"; 12]).await;
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Ok(false))));
        assert!(
            outcomes.iter().any(|outcome| matches!(outcome, Err(PasswordHasherError::Busy))),
            "{outcomes:?}"
        );
        assert!(!hasher.verify("x".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn cancelled_callers_free_their_places() {
        let random = Arc::new(SystemRandom);
        let hasher = BcryptPasswordHasher::with_limits(9, random, 1, 2).unwrap();
        for _ in 0..8 {
            let gone = tokio::time::timeout(Duration::ZERO, hasher.verify("x".into(), None));
            let _ = gone.await;
        }
        while matches!(hasher.verify("x".into(), None).await, Err(PasswordHasherError::Busy)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn the_threads_end_with_the_hasher() {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        drop(BcryptPasswordHasher::new(4, Arc::clone(&random)).unwrap());
        while Arc::strong_count(&random) > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[test]
    fn a_cost_that_bcrypt_does_not_have_is_refused() {
        assert!(BcryptPasswordHasher::new(3, Arc::new(SystemRandom)).is_err());
    }

    #[tokio::test]
    async fn simultaneous_callers_get_their_own_answers() {
        let hasher = Arc::new(hasher(4));
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        let shown: Vec<_> = ["correct horse", "correct house", "horse"].repeat(10);
        let outcomes = verify_at_once(&hasher, Some(&hash), &shown).await;
        for (shown, outcome) in shown.iter().zip(outcomes) {
            assert_eq!(outcome.unwrap(), *shown == "correct horse");
        }
    }
}
