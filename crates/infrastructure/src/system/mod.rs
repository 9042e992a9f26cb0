//! The time and the randomness of the operating system.

mod clock;
mod random;

pub use clock::SystemClock;
pub use random::SystemRandom;
