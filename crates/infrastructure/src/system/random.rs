use bookshelf_domain::Random;

/// The system's cryptographically secure generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "a weak secret is worse than a failed request, and the port has no error"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system has no randomness");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_gives_other_bytes() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        SystemRandom.fill(&mut a);
        SystemRandom.fill(&mut b);
        assert_ne!(a, b);
        assert_ne!(a[16..], [0; 16], "the whole slice is filled");
    }
}
