//! Rate limits.

mod memory;

pub use memory::MemoryRateLimiter;
