//! How drafts are read.
//!
//! A draft holds the fields of a resource as a client sent them, unchecked. Reading it calls the
//! constructor of each value object once and collects every fault, so that a client learns about all
//! of them in one answer.

use chrono::Datelike;

use crate::{Change, Fault, FaultCode, Faults, Timestamp, shows_nothing};

/// Reads the fields of one draft and collects their faults.
pub(crate) struct FieldReader {
    faults: Faults,
}

impl FieldReader {
    /// `found` are the faults that were noticed before the draft was made, such as wrong types. A
    /// field with one of them gets no further fault.
    pub(crate) fn new(found: Faults) -> Self {
        Self { faults: found }
    }

    /// A field that must have a value.
    pub(crate) fn required<T, U>(
        &mut self,
        name: &str,
        field: Change<T>,
        parse: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Option<U> {
        match field {
            Change::Set(value) => self.parsed(name, &value, parse),
            Change::Keep | Change::Clear => {
                self.fault(name, Fault::new(FaultCode::Required, "is required"));
                None
            }
        }
    }

    /// A field that may be left out or cleared.
    pub(crate) fn optional<T, U>(
        &mut self,
        name: &str,
        field: Change<T>,
        parse: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Change<U> {
        match field {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => {
                self.parsed(name, &value, parse).map_or(Change::Keep, Change::Set)
            }
        }
    }

    /// A text that may be left out or cleared. A text that shows nothing clears it.
    pub(crate) fn optional_text<U>(
        &mut self,
        name: &str,
        field: Change<String>,
        parse: impl FnOnce(&str) -> Result<U, Fault>,
    ) -> Change<U> {
        let field = match field {
            Change::Set(text) if shows_nothing(&text) => Change::Clear,
            field => field,
        };
        self.optional(name, field, |text| parse(text))
    }

    /// A field of a patch that may be left out, but not cleared.
    pub(crate) fn not_cleared<T, U>(
        &mut self,
        name: &str,
        field: Change<T>,
        parse: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Option<U> {
        match field {
            Change::Keep => None,
            field => self.required(name, field, parse),
        }
    }

    /// A field that must keep its value, which `is_current` recognises.
    pub(crate) fn unchanged<T>(
        &mut self,
        name: &str,
        field: &Change<T>,
        is_current: impl FnOnce(&T) -> bool,
    ) {
        let keeps = match field {
            Change::Keep => true,
            Change::Clear => false,
            Change::Set(value) => is_current(value),
        };
        if !keeps {
            let sentence = "cannot be changed here; leave it out, or send the present value";
            self.fault(name, Fault::new(FaultCode::NotAllowed, sentence));
        }
    }

    /// Notes a fault, unless the field has one already.
    pub(crate) fn fault(&mut self, name: &str, fault: Fault) {
        self.faults.extend_new_fields(fault.of(name));
    }

    /// The faults so far.
    pub(crate) fn into_faults(self) -> Faults {
        self.faults
    }

    /// Returns the result of `build`, or all the faults. `build` returns `None` only if a required
    /// field has a fault.
    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Faults> {
        match build() {
            Some(built) if self.faults.is_empty() => Ok(built),
            _ => Err(self.faults),
        }
    }

    fn parsed<T, U>(
        &mut self,
        name: &str,
        value: &T,
        parse: impl FnOnce(&T) -> Result<U, Fault>,
    ) -> Option<U> {
        parse(value).map_err(|fault| self.fault(name, fault)).ok()
    }
}

/// The time in the future at which something expires.
pub(crate) fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let expires_at = chrono::DateTime::parse_from_rfc3339(text.trim())
        .map_err(|_| {
            Fault::new(
                FaultCode::InvalidFormat,
                "must be a time as RFC 3339 writes it, 2027-01-31T00:00:00Z",
            )
        })?
        .to_utc();
    if expires_at <= now {
        return Err(Fault::new(FaultCode::OutOfRange, "must lie in the future"));
    }
    // A clock with a zone can show year 9999 when it is year 10000 in UTC, which RFC 3339 cannot write.
    if expires_at.year() > 9999 {
        return Err(Fault::new(FaultCode::OutOfRange, "must be before the year 10000 in UTC"));
    }
    Ok(expires_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_lies_in_the_future_and_can_be_written() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        for good in ["2026-11-21T00:00:01Z", "9999-12-31T23:59:59Z"] {
            assert!(parse_expiry(good, now).is_ok(), "{good}");
        }
        for bad in ["2026-11-21T00:00:00Z", "9999-12-31T23:59:59-23:59"] {
            assert_eq!(parse_expiry(bad, now).unwrap_err().code, FaultCode::OutOfRange, "{bad}");
        }
    }
}
