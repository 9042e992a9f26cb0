/// The only source of randomness.
///
/// `fill` MUST fill the whole slice from a cryptographically secure generator.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}
