//! How drafts are read.
//!
//! A draft holds the fields of a resource as a client sent them, unchecked. Reading it calls the
//! constructor of each value object once and collects every fault, so that a client learns about all
//! of them in one answer.

use crate::{Change, Fault, FaultCode, Faults};

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

    /// Notes a fault, unless the field has one already.
    pub(crate) fn fault(&mut self, name: &str, fault: Fault) {
        self.faults.extend_new_fields(fault.of(name));
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
