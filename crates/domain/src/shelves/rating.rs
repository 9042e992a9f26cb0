use crate::Fault;

/// One to five stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rating(u8);

impl Rating {
    pub fn new(stars: i64) -> Result<Self, Fault> {
        match u8::try_from(stars) {
            Ok(stars @ 1..=5) => Ok(Self(stars)),
            _ => Err(Fault::new("must be between 1 and 5")),
        }
    }

    pub const fn get(self) -> u8 {
        self.0
    }
}
