//! What the operating system itself provides: the time and randomness.

mod clock;
mod random;

pub use clock::SystemClock;
pub use random::SystemRandom;
