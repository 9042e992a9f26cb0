//! The adapters of `RateLimiter`, and what is particular to counting in Redis.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bookshelf_contract::Fixture;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use bookshelf_infrastructure::limits::{MemoryRateLimiter, RedisRateLimiter};
use bookshelf_tests::store::on_tokio;
use bookshelf_tests::{Link, servers};
use chrono::TimeDelta;

const PATIENCE: Duration = Duration::from_secs(20);

/// The way to Redis, and keys that nobody else counts under.
struct Redis {
    link: Link,
    prefix: String,
}

impl Redis {
    fn find() -> Option<Self> {
        Some(Self { link: Link::to(&servers::redis()?), prefix: servers::unique() })
    }

    fn limiter(&self) -> RedisRateLimiter {
        limiter(self.link.url())
    }

    fn key(&self, name: &str) -> String {
        format!("{} {name}", self.prefix)
    }

    /// Waits until two limiters count in Redis: then each knows what the other has spent.
    async fn wait_until_shared(
        &self,
        limiter: &RedisRateLimiter,
        other: &RedisRateLimiter,
        now: Timestamp,
    ) {
        let patience = Instant::now() + PATIENCE;
        for attempt in 0_i32.. {
            // Past the pause after a failure.
            let now = now + TimeDelta::minutes(attempt.into());
            let key = self.key(&servers::unique());
            spend(other, &key, now).await;
            if spend(limiter, &key, now).await.remaining == 3 {
                return;
            }
            assert!(Instant::now() < patience, "Redis is not found again");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn limiter(url: &str) -> RedisRateLimiter {
    RedisRateLimiter::new(url, MemoryRateLimiter::new(100)).unwrap()
}

fn start() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

async fn spend(limiter: &RedisRateLimiter, key: &str, now: Timestamp) -> Spent {
    limiter.spend(key, "5/minute".parse().unwrap(), now).await.unwrap()
}

type Limits = Fixture<Arc<dyn RateLimiter>>;

async fn of_one_process() -> Limits {
    let limiter: Arc<dyn RateLimiter> = Arc::new(MemoryRateLimiter::new(100));
    on_tokio(Fixture::new(limiter))
}

async fn of_tests() -> Limits {
    let limiter: Arc<dyn RateLimiter> = Arc::new(bookshelf_memory::MemoryRateLimiter::new(100));
    on_tokio(Fixture::new(limiter))
}

/// Counts in Redis, where others count too, under keys of its own.
struct Prefixed(RedisRateLimiter, String);

#[async_trait]
impl RateLimiter for Prefixed {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        self.0.spend(&format!("{} {key}", self.1), quota, now).await
    }

    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError> {
        self.0.refund(&format!("{} {key}", self.1), quota, now).await
    }
}

async fn of_redis() -> Option<Limits> {
    let redis = Redis::find()?;
    let limiter = redis.limiter();
    redis.wait_until_shared(&limiter, &redis.limiter(), start()).await;
    let prefixed = Prefixed(limiter, redis.prefix.clone());
    Some(on_tokio(Fixture::new(Arc::new(prefixed) as Arc<dyn RateLimiter>).keep(redis.link)))
}

mod process {
    bookshelf_contract::tests!(
        #[tokio::test(flavor = "multi_thread")]
        limits,
        super::of_one_process
    );
}

mod memory {
    bookshelf_contract::tests!(
        #[tokio::test(flavor = "multi_thread")]
        limits,
        super::of_tests
    );
}

mod redis {
    bookshelf_contract::tests!(
        #[tokio::test(flavor = "multi_thread")]
        limits,
        super::of_redis
    );
}

#[tokio::test]
async fn several_servers_share_one_count_under_any_concurrency() {
    let Some(redis) = Redis::find() else { return };
    let servers = [Arc::new(redis.limiter()), Arc::new(redis.limiter())];
    redis.wait_until_shared(&servers[0], &servers[1], start()).await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (server, key) = (servers[number % 2].clone(), redis.key("a"));
            tokio::spawn(async move { spend(&server, &key, start()).await })
        })
        .collect();
    let mut allowed = Vec::new();
    for task in tasks {
        let spent = task.await.unwrap();
        assert!((1..=60).contains(&spent.reset_seconds), "{spent:?}");
        if spent.allowed {
            allowed.push(spent.remaining);
        } else {
            assert_eq!(spent.remaining, 0);
        }
    }
    allowed.sort_unstable();
    assert_eq!(allowed, [0, 1, 2, 3, 4]);
    assert!(
        spend(&servers[0], &redis.key("b"), start()).await.allowed,
        "keys do not share a window"
    );
}

#[tokio::test]
async fn a_refund_allows_one_more_on_every_server() {
    let Some(redis) = Redis::find() else { return };
    let (one, other) = (redis.limiter(), redis.limiter());
    redis.wait_until_shared(&one, &other, start()).await;
    let (key, quota) = (redis.key("a"), "5/minute".parse().unwrap());
    other.refund(&key, quota, start()).await.unwrap();
    for left in (0..5).rev() {
        assert_eq!(spend(&one, &key, start()).await.remaining, left);
    }
    assert!(!spend(&one, &key, start()).await.allowed);
    other.refund(&key, quota, start()).await.unwrap();
    let again = spend(&one, &key, start()).await;
    assert!(again.allowed && (1..=60).contains(&again.reset_seconds), "{again:?}");
    assert!(!spend(&one, &key, start()).await.allowed);
}

#[tokio::test]
async fn without_redis_a_server_counts_alone_until_it_is_back() {
    let Some(redis) = Redis::find() else { return };
    let (one, other) = (redis.limiter(), redis.limiter());
    redis.wait_until_shared(&one, &other, start()).await;

    redis.link.cut();
    let (later, key) = (start() + TimeDelta::hours(1), redis.key("a"));
    let mut allowed = 0;
    for _ in 0..50 {
        allowed += u32::from(spend(&one, &key, later).await.allowed);
    }
    assert_eq!(allowed, 5, "limits hold without Redis");

    redis.link.mend();
    redis.wait_until_shared(&one, &other, later).await;
}

/// Also where Redis takes what is sent and never answers.
#[tokio::test]
async fn a_server_that_never_hears_from_redis_counts_alone() {
    let Some(redis) = Redis::find() else { return };
    redis.link.freeze();
    let (limiter, key) = (redis.limiter(), redis.key("a"));
    for left in (0..5).rev() {
        let spent = spend(&limiter, &key, start()).await;
        assert_eq!((spent.allowed, spent.remaining), (true, left));
    }
    assert!(!spend(&limiter, &key, start()).await.allowed);
}

#[tokio::test]
async fn a_server_that_never_finds_redis_counts_alone() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let limiter = limiter(&format!("redis://127.0.0.1:{free}"));
    for left in (0..5).rev() {
        let spent = spend(&limiter, "a", start()).await;
        assert_eq!((spent.allowed, spent.remaining), (true, left));
    }
    assert!(!spend(&limiter, "a", start()).await.allowed);
}
