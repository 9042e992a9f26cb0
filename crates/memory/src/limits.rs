use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use chrono::TimeDelta;

/// Counts requests in windows of time, for a bounded number of keys.
///
/// When there are too many keys, it forgets the window that ends first.
#[derive(Debug)]
pub struct MemoryRateLimiter {
    /// By key and length of the window.
    windows: Mutex<BTreeMap<(String, u32), Window>>,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    end: Timestamp,
}

impl MemoryRateLimiter {
    /// A limiter that remembers at most this many keys, and at least one.
    pub fn new(most: usize) -> Self {
        Self { windows: Mutex::default(), most: most.max(1) }
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        let seconds = quota.window_seconds.get();
        let fresh = Window { count: 0, end: now + TimeDelta::seconds(seconds.into()) };
        let key = (key.to_owned(), seconds);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= self.most && !windows.contains_key(&key) {
            let first = windows.iter().min_by_key(|(_, window)| window.end);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                windows.remove(&first);
            }
        }
        let window = windows.entry(key).or_insert(fresh);
        if window.end <= now {
            *window = fresh;
        }
        // Nobody waits longer than one window, even if the clock was set back.
        window.end = window.end.min(fresh.end);
        let allowed = window.count < quota.requests.get();
        window.count += u32::from(allowed);
        let left = (window.end - now).num_milliseconds();
        Ok(Spent {
            allowed,
            remaining: quota.requests.get().saturating_sub(window.count),
            reset_seconds: u32::try_from((left + 999) / 1000).unwrap_or(seconds),
        })
    }

    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError> {
        let key = (key.to_owned(), quota.window_seconds.get());
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(&key).filter(|window| window.end > now) {
            window.count = window.count.saturating_sub(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::moment;

    #[tokio::test]
    async fn a_flood_of_keys_takes_bounded_memory() {
        let limiter = MemoryRateLimiter::new(10);
        for key in 0..1000 {
            let now = moment("2026-11-21T06:00:00Z") + TimeDelta::seconds(key);
            let quota = "1/hour".parse().unwrap();
            assert!(limiter.spend(&key.to_string(), quota, now).await.unwrap().allowed);
            assert!(limiter.windows.lock().unwrap().len() <= 10);
        }
    }
}
