use std::fmt;
use std::str::FromStr;

use crate::{Fault, FaultCode};

/// The progress of a user with a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ReadingStatus {
    /// The reader plans to read the book.
    #[default]
    WantToRead,
    /// The reader is reading the book.
    Reading,
    /// The reader has finished the book.
    Read,
    /// The reader has stopped before the end.
    Abandoned,
}

impl ReadingStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::WantToRead, Self::Reading, Self::Read, Self::Abandoned];

    /// Returns the name of the status, such as `want_to_read`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WantToRead => "want_to_read",
            Self::Reading => "reading",
            Self::Read => "read",
            Self::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for ReadingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReadingStatus {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or_else(|| {
            Fault::new(
                FaultCode::InvalidChoice,
                "must be \"want_to_read\", \"reading\", \"read\" or \"abandoned\"",
            )
        })
    }
}
