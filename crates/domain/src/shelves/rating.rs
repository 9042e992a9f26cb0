use crate::{Fault, FaultCode};

/// One to five stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rating(u8);

impl Rating {
    /// Checks a number of stars, 1 to 5.
    pub fn new(stars: i64) -> Result<Self, Fault> {
        match u8::try_from(stars) {
            Ok(stars @ 1..=5) => Ok(Self(stars)),
            _ => Err(Fault::new(FaultCode::OutOfRange, "must be between 1 and 5")),
        }
    }

    /// A rating that comes from storage, where it was checked when it was written.
    pub const fn stored(stars: u8) -> Self {
        Self(stars)
    }

    /// Returns the number of stars.
    pub const fn get(self) -> u8 {
        self.0
    }
}
