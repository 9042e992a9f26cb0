use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};

/// Counts requests in this process, in bounded memory.
///
/// Each shard keeps two generations of windows. When the younger one is full, it replaces the older
/// one. So a shard never keeps more than twice its capacity. Only a flood of new keys makes it forget
/// a window before its end, the oldest first.
#[derive(Debug)]
pub struct MemoryRateLimiter {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Shard {
    young: HashMap<u64, Window>,
    old: HashMap<u64, Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    /// The end, in microseconds since the epoch.
    end: i64,
}

impl MemoryRateLimiter {
    const SHARDS: usize = 16;

    /// Locks the shard of a key, and returns it with the name of the key's window there.
    fn shard(&self, key: &str, quota: Quota) -> (MutexGuard<'_, Shard>, u64) {
        let key = self.hasher.hash_one((key, quota.window_seconds));
        let shard = self.shards[key as usize % Self::SHARDS].lock();
        (shard.unwrap_or_else(PoisonError::into_inner), key)
    }

    /// Keeps at least `capacity` keys, and at most about twice as many.
    pub fn new(capacity: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: (0..Self::SHARDS).map(|_| Mutex::default()).collect(),
            capacity: capacity.div_ceil(Self::SHARDS).max(1),
        }
    }
}

impl Shard {
    /// The window of a key. It moves to the younger generation.
    fn window(&mut self, key: u64, capacity: usize, fresh: Window, now: i64) -> &mut Window {
        if self.young.len() >= capacity && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        let known = self.old.remove(&key);
        let window = self.young.entry(key).or_insert(known.unwrap_or(fresh));
        if window.end <= now {
            *window = fresh;
        }
        // A client must not wait longer than one window, even if the clock was set back.
        window.end = window.end.min(fresh.end);
        window
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        let now = now.timestamp_micros();
        let fresh =
            Window { count: 0, end: now + i64::from(quota.window_seconds.get()) * 1_000_000 };
        let (mut shard, key) = self.shard(key, quota);
        let window = shard.window(key, self.capacity, fresh, now);
        let allowed = window.count < quota.requests.get();
        if allowed {
            window.count += 1;
        }
        Ok(Spent {
            allowed,
            remaining: quota.requests.get().saturating_sub(window.count),
            reset_seconds: u32::try_from((window.end - now + 999_999) / 1_000_000)
                .unwrap_or(quota.window_seconds.get()),
        })
    }

    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError> {
        let (mut shard, key) = self.shard(key, quota);
        let Shard { young, old } = &mut *shard;
        if let Some(window) = young.get_mut(&key).or_else(|| old.get_mut(&key))
            && window.end > now.timestamp_micros()
        {
            window.count = window.count.saturating_sub(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn quota(text: &str) -> Quota {
        text.parse().unwrap()
    }

    fn start() -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    async fn spend(limiter: &MemoryRateLimiter, key: &str, after_ms: i64) -> Spent {
        let now = start() + TimeDelta::milliseconds(after_ms);
        limiter.spend(key, quota("5/minute"), now).await.unwrap()
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_makes_nobody_wait_longer_than_a_window() {
        let limiter = MemoryRateLimiter::new(100);
        for _ in 0..5 {
            assert!(spend(&limiter, "a", 3_600_000).await.allowed);
        }
        let refused = spend(&limiter, "a", 0).await;
        assert_eq!((refused.allowed, refused.reset_seconds), (false, 60));
        assert!(spend(&limiter, "a", 60_000).await.allowed);
    }

    #[tokio::test]
    async fn the_sixth_request_waits_for_the_end_of_the_window() {
        let limiter = MemoryRateLimiter::new(100);
        for left in (0..5).rev() {
            let spent = spend(&limiter, "a", 0).await;
            assert_eq!((spent.allowed, spent.remaining), (true, left));
        }
        let refused = spend(&limiter, "a", 18_500).await;
        assert_eq!(refused, Spent { allowed: false, remaining: 0, reset_seconds: 42 });
        assert!(!spend(&limiter, "a", 59_999).await.allowed);
        assert!(spend(&limiter, "a", 60_000).await.allowed);
        assert!(spend(&limiter, "b", 0).await.allowed, "keys do not share a window");
    }

    #[tokio::test]
    async fn a_refund_allows_one_more_in_the_same_window() {
        let limiter = MemoryRateLimiter::new(100);
        let refund = |after_ms| {
            let now = start() + TimeDelta::milliseconds(after_ms);
            limiter.refund("a", quota("5/minute"), now)
        };
        refund(0).await.unwrap();
        for left in (0..5).rev() {
            assert_eq!(spend(&limiter, "a", 0).await.remaining, left);
        }
        refund(18_000).await.unwrap();
        let again = spend(&limiter, "a", 18_500).await;
        assert_eq!(again, Spent { allowed: true, remaining: 0, reset_seconds: 42 });
        assert!(!spend(&limiter, "a", 18_500).await.allowed);
        refund(60_000).await.unwrap();
        assert_eq!(spend(&limiter, "a", 60_000).await.remaining, 4, "the window had ended");
    }

    #[tokio::test]
    async fn a_flood_of_keys_takes_bounded_memory() {
        let limiter = MemoryRateLimiter::new(1_000);
        for key in 0..100_000 {
            spend(&limiter, &key.to_string(), 0).await;
        }
        let kept: usize = limiter
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap())
            .map(|shard| shard.young.len() + shard.old.len())
            .sum();
        assert!(kept <= 2 * (1_000 + MemoryRateLimiter::SHARDS), "{kept}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn exactly_the_quota_is_allowed_under_concurrency() {
        let limiter = std::sync::Arc::new(MemoryRateLimiter::new(100));
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move { spend(&limiter, "a", 0).await.allowed })
            })
            .collect();
        let mut allowed = 0;
        for task in tasks {
            allowed += u32::from(task.await.unwrap());
        }
        assert_eq!(allowed, 5);
    }
}
