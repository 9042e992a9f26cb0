//! The contract of the port PasswordHasher.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bookshelf_domain::accounts::{Password, PasswordHash, PasswordHasher, PasswordHasherError};
use bookshelf_infrastructure::accounts::BcryptPasswordHasher;
use bookshelf_infrastructure::system::SystemRandom;

/// Cheap to hash with, but not so cheap that the time it takes is lost in the noise.
const COST: u32 = 7;

fn hasher() -> Arc<dyn PasswordHasher> {
    Arc::new(BcryptPasswordHasher::new(COST, Arc::new(SystemRandom)).unwrap())
}

fn password(text: &str) -> Password {
    Password::parse(text, None).unwrap()
}

async fn hash(hasher: &dyn PasswordHasher, text: &str) -> PasswordHash {
    hasher.hash(password(text)).await.unwrap()
}

#[tokio::test]
async fn a_password_matches_its_own_hash_alone() {
    let hasher = hasher();
    let texts = [
        "correct horse".to_owned(),
        " correct horse".to_owned(),
        "Correct horse".to_owned(),
        "corréct horse".to_owned(),
        "x".repeat(72),
        "x".repeat(73),
        format!("{}y", "x".repeat(72)),
        format!("{}{}", "語".repeat(127), "書"),
        format!("{}{}", "語".repeat(127), "本"),
    ];
    for set in &texts {
        let hash = hash(&*hasher, set).await;
        for shown in &texts {
            let matches = hasher.verify(shown.clone(), Some(hash.clone())).await.unwrap();
            assert_eq!(matches, set == shown, "{set} and {shown}");
        }
    }
}

#[tokio::test]
async fn every_hash_has_a_salt_of_its_own() {
    let hasher = hasher();
    let first = hash(&*hasher, "correct horse").await;
    assert_ne!(first, hash(&*hasher, "correct horse").await);
}

#[tokio::test]
async fn what_could_not_be_set_matches_nothing() {
    let hasher = hasher();
    let hash = hash(&*hasher, "correct horse").await;
    for shown in ["", "correct horse\0", "correct horse\0and more", &"x".repeat(100_000)] {
        for hash in [Some(hash.clone()), None] {
            assert!(!hasher.verify(shown.to_owned(), hash).await.unwrap());
        }
    }
}

#[tokio::test]
async fn verifying_takes_the_same_time_without_a_hash() {
    let hasher = hasher();
    let hash = hash(&*hasher, "correct horse").await;
    let [with, without] = times(&*hasher, [Some(hash), None]).await;
    assert_same(with, without);
}

/// The median time of a refusal with each of these hashes, in seconds.
async fn times<const N: usize>(
    hasher: &dyn PasswordHasher,
    hashes: [Option<PasswordHash>; N],
) -> [f64; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..25 {
        for (hash, times) in hashes.iter().zip(&mut times) {
            let start = Instant::now();
            assert!(!hasher.verify("wrong horse".to_owned(), hash.clone()).await.unwrap());
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    })
}

fn assert_same(one: f64, other: f64) {
    let ratio = one / other;
    assert!((0.6..1.7).contains(&ratio), "{ratio}");
}

#[tokio::test]
async fn verifying_takes_the_same_time_after_the_cost_was_changed() {
    let with_cost = |cost| BcryptPasswordHasher::new(cost, Arc::new(SystemRandom)).unwrap();
    let hash_of = async |cost| Some(hash(&with_cost(cost), "correct horse").await);
    let hashes = [hash_of(COST - 2).await, hash_of(COST).await, hash_of(COST + 2).await];
    let [_, _, slowest] = &hashes;
    let [raised, lowered] = [with_cost(COST + 2), with_cost(COST - 2)];
    lowered.keep_pace_with(slowest.as_ref().unwrap());
    for hasher in [raised, lowered] {
        // Without a hash it comes first, so it has seen no other one.
        let [missing, cheap, medium, dear] = {
            let [cheap, medium, dear] = hashes.clone();
            times(&hasher, [None, cheap, medium, dear]).await
        };
        for time in [missing, cheap, medium] {
            assert_same(time, dear);
        }
    }
    // A hash that another server made is noticed when it is verified.
    let unaware = with_cost(COST - 2);
    let [early] = times(&unaware, [None]).await;
    let [dear, late] = times(&unaware, [hashes[2].clone(), None]).await;
    assert!(early * 4.0 < dear, "{early} {dear}");
    assert_same(late, dear);
}

type Waiting = Pin<Box<dyn Future<Output = Result<(), PasswordHasherError>> + Send>>;

/// Asks again and again without waiting for an answer, until one is there at once.
fn asked_too_much(mut ask: impl FnMut() -> Waiting) -> PasswordHasherError {
    let mut waiting = Vec::new();
    for _ in 0..100_000 {
        let mut question = ask();
        match question.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => waiting.push(question),
            Poll::Ready(answer) => return answer.unwrap_err(),
        }
    }
    panic!("there is no bound");
}

#[tokio::test]
async fn past_the_bound_it_is_busy_at_once_and_later_well_again() {
    let hasher = hasher();
    let verifying = || -> Waiting {
        let hasher = hasher.clone();
        Box::pin(async move { hasher.verify("wrong horse".to_owned(), None).await.map(drop) })
    };
    let hashing = || -> Waiting {
        let hasher = hasher.clone();
        Box::pin(async move { hasher.hash(password("correct horse")).await.map(drop) })
    };
    for busy in [asked_too_much(verifying), asked_too_much(hashing)] {
        assert!(matches!(busy, PasswordHasherError::Busy), "{busy:?}");
    }
    while let Err(error) = hasher.verify("wrong horse".to_owned(), None).await {
        assert!(matches!(error, PasswordHasherError::Busy), "{error:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
