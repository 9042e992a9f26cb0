use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use chrono::TimeDelta;

/// Counts requests in windows that begin with the first request.
///
/// If there are too many windows, it forgets those that have ended, or else the one that ends first.
#[derive(Debug)]
pub struct WindowLimiter {
    windows: Mutex<Windows>,
    most: usize,
}

/// By key and length of the window.
type Windows = HashMap<(String, u32), Window>;

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

    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_room(&self, windows: &mut Windows, now: Timestamp) {
        if windows.len() >= self.most {
            windows.retain(|_, window| window.end > now);
        }
        if windows.len() >= self.most
            && let Some((first, _)) = windows.iter().min_by_key(|(_, window)| window.end)
        {
            let first = first.clone();
            windows.remove(&first);
        }
    }
}

#[async_trait]
impl RateLimiter for WindowLimiter {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        let seconds = quota.window_seconds.get();
        let fresh = Window { count: 0, end: now + TimeDelta::seconds(seconds.into()) };
        let mut windows = self.windows();
        self.make_room(&mut windows, now);
        let window = windows.entry((key.to_owned(), seconds)).or_insert(fresh);
        // The clock may have been set back.
        if window.end <= now || window.end > fresh.end {
            *window = fresh;
        }
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
        if let Some(window) = self.windows().get_mut(&key).filter(|window| window.end > now) {
            window.count = window.count.saturating_sub(1);
        }
        Ok(())
    }
}
