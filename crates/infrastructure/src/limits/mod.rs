//! Rate limits.

mod memory;
mod redis;
#[cfg(test)]
mod tests;

pub use memory::MemoryRateLimiter;
pub use redis::RedisRateLimiter;
