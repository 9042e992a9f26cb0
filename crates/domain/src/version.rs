/// Counts the changes of a resource, from [`Version::FIRST`]. Every change adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Version(i64);

impl Version {
    /// The version of a resource that was never changed.
    pub const FIRST: Self = Self(1);

    /// Takes the number that the store assigned. The first version is 1.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// The versions that a writer accepts as the current one.
///
/// A writer that read version 3 and expects it does not overwrite a change that it has not seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expected {
    /// The writer does not care.
    #[default]
    Any,
    /// The writer has seen one of these versions.
    OneOf(Vec<Version>),
    /// Any but these.
    NoneOf(Vec<Version>),
}

impl Expected {
    /// Returns whether the writer expects this version.
    pub fn allows(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
            Self::NoneOf(versions) => !versions.contains(&version),
        }
    }
}
