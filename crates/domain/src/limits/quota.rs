use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::{Fault, FaultCode};

/// How many requests are allowed in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub requests: NonZeroU32,
    pub window_seconds: NonZeroU32,
}

impl FromStr for Quota {
    type Err = Fault;

    /// Reads `5/minute`: a number, and `second`, `minute`, `hour` or `day`.
    fn from_str(text: &str) -> Result<Self, Fault> {
        let fault = || {
            Fault::new(
                FaultCode::InvalidFormat,
                "must look like 5/minute (or /second, /hour, /day)",
            )
        };
        let (requests, unit) = text.trim().split_once('/').ok_or_else(fault)?;
        let seconds = match unit.trim() {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return Err(fault()),
        };
        Ok(Self {
            requests: requests.trim().parse().map_err(|_| fault())?,
            window_seconds: NonZeroU32::new(seconds).ok_or_else(fault)?,
        })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.window_seconds.get() {
            1 => write!(f, "{}/second", self.requests),
            60 => write!(f, "{}/minute", self.requests),
            3_600 => write!(f, "{}/hour", self.requests),
            86_400 => write!(f, "{}/day", self.requests),
            seconds => write!(f, "{}/{seconds} seconds", self.requests),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quota;

    #[test]
    fn a_quota_reads_what_it_writes() {
        for text in ["5/minute", "600/hour", "1/second", "9/day"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
        for text in ["", "5", "0/minute", "-1/minute", "5/fortnight", "off", "5/minute/2"] {
            assert!(text.parse::<Quota>().is_err(), "{text}");
        }
    }
}
