use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use chrono::TimeDelta;

/// Counts requests in windows that begin with the first request.
///
/// If there are too many windows, it forgets all that have ended, or else the one that ends first.
#[derive(Debug)]
pub struct WindowLimiter {
    /// By key and length of the window.
    windows: Mutex<HashMap<(String, u32), Window>>,
    most: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    count: u32,
    end: Timestamp,
}

impl WindowLimiter {
    /// A limiter that remembers `most` windows.
    pub fn new(most: usize) -> Self {
        Self { windows: Mutex::default(), most }
    }

    fn change<T>(
        &self,
        key: &str,
        quota: Quota,
        now: Timestamp,
        change: impl FnOnce(&mut Window) -> T,
    ) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = quota.window_seconds.get();
        let fresh = Window { count: 0, end: now + TimeDelta::seconds(seconds.into()) };
        if windows.len() >= self.most {
            windows.retain(|_, window| window.end > now);
        }
        if windows.len() >= self.most
            && let Some(first) = windows.iter().min_by_key(|(_, window)| window.end)
        {
            let first = first.0.clone();
            windows.remove(&first);
        }
        let window = windows.entry((key.to_owned(), seconds)).or_insert(fresh);
        // The clock may have been set back.
        if window.end <= now || window.end > fresh.end {
            *window = fresh;
        }
        change(window)
    }
}

#[async_trait]
impl RateLimiter for WindowLimiter {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        Ok(self.change(key, quota, now, |window| {
            let allowed = window.count < quota.requests.get();
            window.count += u32::from(allowed);
            let left = (window.end - now).num_milliseconds();
            Spent {
                allowed,
                remaining: quota.requests.get().saturating_sub(window.count),
                reset_seconds: u32::try_from((left + 999) / 1000).unwrap_or_default(),
            }
        }))
    }

    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError> {
        self.change(key, quota, now, |window| window.count = window.count.saturating_sub(1));
        Ok(())
    }
}
