use std::fmt;
use std::str::FromStr;

use chrono::DateTime;

use crate::covers::CoverFormat;
use crate::{Fault, FaultCode, Timestamp};

/// The SHA-256 of a cover's images.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoverHash([u8; 32]);

impl CoverHash {
    /// Takes a SHA-256 digest (FIPS 180-4).
    pub const fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The first byte, which divides the covers of a store into 256 parts of about the same size.
    pub const fn part(self) -> u8 {
        self.0[0]
    }

    /// Reads a hash as it is displayed. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_hexadecimal(text).filter(|hash| hash.to_string() == text)
    }

    /// Reads the first 64 hexadecimal digits of a text.
    fn from_hexadecimal(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(digest))
    }
}

/// In hexadecimal.
impl fmt::Display for CoverHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CoverHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name under which a cover is stored: the hash of its images and the time it was made.
///
/// The time makes every name unique, even when the same image is uploaded again. An old cover that
/// no book refers to will therefore never be referred to, and can be deleted without a lock while
/// others upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoverName {
    /// The digest of the images.
    pub hash: CoverHash,
    /// The time at which the images were made.
    pub made_at: Timestamp,
    /// The format of the images.
    pub format: CoverFormat,
}

/// `<hash>-<microseconds since the epoch>.<extension>`.
impl fmt::Display for CoverName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (micros, extension) = (self.made_at.timestamp_micros(), self.format.extension());
        write!(f, "{}-{micros}.{extension}", self.hash)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for CoverName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CoverName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for CoverName {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let read = || {
            let (stem, extension) = text.split_once('.')?;
            let (hash, micros) = stem.split_once('-')?;
            let format = CoverFormat::ALL.into_iter().find(|one| one.extension() == extension)?;
            let made_at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
            Some(Self { hash: CoverHash::from_hexadecimal(hash)?, made_at, format })
        };
        // A name has exactly one spelling. This refuses every other one, such as capital letters or a
        // longer hash.
        let name: Option<Self> = read();
        name.filter(|name| name.to_string() == text)
            .ok_or_else(|| Fault::new(FaultCode::InvalidFormat, "is not the name of a cover"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let name = CoverName {
            hash: CoverHash::new(std::array::from_fn(|index| index as u8 * 7)),
            made_at: "2026-11-21T06:11:08.123456Z".parse().unwrap(),
            format: CoverFormat::Png,
        };
        let text = name.to_string();
        assert!(text.starts_with("00070e15") && text.ends_with("-1795241468123456.png"), "{text}");
        assert_eq!(text.parse(), Ok(name));
    }

    #[test]
    fn text_that_only_looks_like_a_name_is_refused() {
        let hash = "ab".repeat(32);
        let good = format!("{hash}-17.jpg");
        assert!(good.parse::<CoverName>().is_ok());
        for bad in [
            String::new(),
            hash.clone(),
            format!("{hash}.jpg"),
            format!("{hash}-17.gif"),
            format!("{hash}ab-17.jpg"),
            format!("+{}-17.jpg", &hash[1..]),
            format!("{hash}-+17.jpg"),
            format!("{hash}-017.jpg"),
            format!("{hash}-17.thumb.jpg"),
            good.to_uppercase(),
            format!("{}é-17.jpg", &hash[2..]),
        ] {
            assert!(bad.parse::<CoverName>().is_err(), "{bad}");
        }
    }
}
