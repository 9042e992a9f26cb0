use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult, Script};

use super::MemoryRateLimiter;

/// Counts and sets the end of the window in one step, so that no window is left without an end.
/// A refused request does not count, and the window does not move. In its last millisecond a window
/// counts as over: Redis sets no end that is now.
const SPEND: &str = r"
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local ttl = redis.call('PTTL', KEYS[1])
if ttl < 1 then
  count = 0
  ttl = tonumber(ARGV[2])
end
local allowed = 0
if count < tonumber(ARGV[1]) then
  allowed = 1
  count = count + 1
  redis.call('SET', KEYS[1], count, 'PX', ttl)
end
return {allowed, count, ttl}
";

/// A request waits no longer than this to be counted.
const PATIENCE: Duration = Duration::from_millis(250);
/// After a failure Redis is left alone for so long, so that not every request waits for it.
const PAUSE_MICROS: i64 = 1_000_000;

/// Counts requests in Redis, for every instance that shares it.
///
/// While Redis is away each instance counts for itself: logins stay limited, and nothing else stands
/// still. The log says so once, and once more when Redis is back.
pub struct RedisRateLimiter {
    connection: ConnectionManager,
    spend: Script,
    local: MemoryRateLimiter,
    /// In microseconds since the epoch.
    paused_until: AtomicI64,
    is_away: AtomicBool,
}

impl RedisRateLimiter {
    /// Connects with the first request, within a tokio runtime that outlives it.
    pub fn new(url: &str, local: MemoryRateLimiter) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = Client::open(url).map_err(StoreError::unexpected)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config)
            .map_err(StoreError::unexpected)?;
        Ok(Self {
            connection,
            spend: Script::new(SPEND),
            local,
            paused_until: AtomicI64::new(i64::MIN),
            is_away: AtomicBool::new(false),
        })
    }

    async fn spend_shared(&self, key: &str, quota: Quota) -> RedisResult<Spent> {
        let (allowed, count, ttl): (u8, u32, u32) = self
            .spend
            .key(format!("bookshelf:limit:{key}"))
            .arg(quota.requests.get())
            .arg(u64::from(quota.window_seconds.get()) * 1_000)
            .invoke_async(&mut self.connection.clone())
            .await?;
        Ok(Spent {
            allowed: allowed == 1,
            remaining: quota.requests.get().saturating_sub(count),
            reset_seconds: ttl.div_ceil(1_000),
        })
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn spend(&self, key: &str, quota: Quota, now: Timestamp) -> Result<Spent, StoreError> {
        let now_micros = now.timestamp_micros();
        if now_micros < self.paused_until.load(Ordering::Relaxed) {
            return self.local.spend(key, quota, now).await;
        }
        match self.spend_shared(key, quota).await {
            Ok(spent) => {
                if self.is_away.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis is back: limits are shared again");
                }
                Ok(spent)
            }
            Err(error) => {
                self.paused_until.store(now_micros + PAUSE_MICROS, Ordering::Relaxed);
                if !self.is_away.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "Redis is away: this instance counts limits alone");
                }
                self.local.spend(key, quota, now).await
            }
        }
    }
}
