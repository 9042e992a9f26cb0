use std::sync::{Mutex, PoisonError};

use bookshelf_domain::Random;

/// A generator that gives the same bytes after the same seed. It is **not secure**: it is for tests
/// alone.
///
/// ```
/// use bookshelf_domain::Random;
/// use bookshelf_memory::SeededRandom;
///
/// let (mut first, mut again, mut other) = ([0; 16], [0; 16], [0; 16]);
/// SeededRandom::new(7).fill(&mut first);
/// SeededRandom::new(7).fill(&mut again);
/// SeededRandom::new(8).fill(&mut other);
/// assert_eq!(first, again);
/// assert_ne!(first, other);
/// ```
#[derive(Debug)]
pub struct SeededRandom(Mutex<u64>);

impl SeededRandom {
    /// A generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Random for SeededRandom {
    /// Fills the slice with the output of SplitMix64.
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            for (byte, random) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *byte = random;
            }
        }
    }
}
