use bookshelf_domain::Timestamp;
use bookshelf_domain::shelves::ReadingDate;
use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

/// A time as clients see it: RFC 3339 in UTC, with microseconds, ending in `Z`.
pub(crate) struct Moment(pub(crate) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A date as clients see it: `YYYY-MM-DD`.
pub(crate) struct Day(pub(crate) ReadingDate);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_always_written() {
        let shown = |text: &str| serde_json::to_value(Moment(text.parse().unwrap())).unwrap();
        assert_eq!(shown("2026-11-21T06:11:08.123456Z"), "2026-11-21T06:11:08.123456Z");
        assert_eq!(shown("2026-11-21T07:11:08+01:00"), "2026-11-21T06:11:08.000000Z");
    }
}
