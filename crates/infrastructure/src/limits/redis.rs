use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bookshelf_domain::limits::{Quota, RateLimiter, Spent};
use bookshelf_domain::{StoreError, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, RedisResult, Script};

use super::MemoryRateLimiter;

/// Counts a request and sets the end of its window in one step, so that every window has an end.
/// A refused request is not counted and does not move the window. A window ends one millisecond
/// early, because Redis does not accept an expiry of 0 ms.
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

/// Takes a counted request back. The window keeps its end.
const REFUND: &str = r"
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then
  redis.call('DECR', KEYS[1])
end
";

/// How long a request waits for Redis.
const TIMEOUT: Duration = Duration::from_millis(250);
/// How long Redis is not asked after a failure, so that not every request waits for it.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts requests in Redis, which several instances share.
///
/// While Redis is unreachable, each instance counts for itself, so that requests are still limited
/// and answered. The log reports the failure once, and once more when Redis is back.
pub struct RedisRateLimiter {
    connection: ConnectionManager,
    spend: Script,
    refund: Script,
    local: MemoryRateLimiter,
    /// The end of the pause. It does not depend on the clock, which may be set back.
    paused_until: Mutex<Option<Instant>>,
    is_down: AtomicBool,
}

impl RedisRateLimiter {
    /// Connects at the first request. The tokio runtime of that request has to live on.
    pub fn new(url: &str, local: MemoryRateLimiter) -> Result<Self, StoreError> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(TIMEOUT))
            .set_response_timeout(Some(TIMEOUT));
        let client = Client::open(url).map_err(StoreError::unexpected)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config)
            .map_err(StoreError::unexpected)?;
        Ok(Self {
            connection,
            spend: Script::new(SPEND),
            refund: Script::new(REFUND),
            local,
            paused_until: Mutex::new(None),
            is_down: AtomicBool::new(false),
        })
    }

    /// Checks that Redis answers.
    pub async fn check(&self) -> Result<(), StoreError> {
        let ping = redis::cmd("PING");
        ping.query_async(&mut self.connection.clone()).await.map_err(StoreError::unexpected)
    }

    /// Whether Redis failed so recently that it is not asked.
    fn is_paused(&self) -> bool {
        self.paused_until().is_some_and(|end| Instant::now() < end)
    }

    fn paused_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_failure(&self, error: &RedisError) {
        *self.paused_until() = Some(Instant::now() + PAUSE);
        if !self.is_down.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, "Redis is unreachable: this instance counts requests alone");
        }
    }

    async fn refund_shared(&self, key: &str) -> RedisResult<()> {
        self.refund.key(shared(key)).invoke_async(&mut self.connection.clone()).await
    }

    async fn spend_shared(&self, key: &str, quota: Quota) -> RedisResult<Spent> {
        let (allowed, count, ttl): (u8, u32, u32) = self
            .spend
            .key(shared(key))
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
        if self.is_paused() {
            return self.local.spend(key, quota, now).await;
        }
        match self.spend_shared(key, quota).await {
            Ok(spent) => {
                if self.is_down.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis is back: instances count requests together again");
                }
                Ok(spent)
            }
            Err(error) => {
                self.note_failure(&error);
                self.local.spend(key, quota, now).await
            }
        }
    }

    /// Without Redis it is not known which count has the request, so both may keep it. Its window
    /// ends in any case.
    async fn refund(&self, key: &str, quota: Quota, now: Timestamp) -> Result<(), StoreError> {
        if !self.is_paused() {
            match self.refund_shared(key).await {
                Ok(()) => return Ok(()),
                Err(error) => self.note_failure(&error),
            }
        }
        self.local.refund(key, quota, now).await
    }
}

/// The key in Redis.
fn shared(key: &str) -> String {
    format!("bookshelf:limit:{key}")
}
