use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The kind of a fault. It is stable, because programs rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultCode {
    /// A required value is missing.
    Required,
    /// The value has another type than its field.
    WrongType,
    /// There is no such field.
    UnknownField,
    /// The text has fewer characters than allowed.
    TooShort,
    /// The text has more characters than allowed.
    TooLong,
    /// A character is not allowed.
    InvalidCharacter,
    /// The value does not have the required format.
    InvalidFormat,
    /// The check digit of an ISBN is wrong.
    WrongCheckDigit,
    /// The number or the time lies outside of the allowed range.
    OutOfRange,
    /// The value is not one of the allowed ones.
    InvalidChoice,
    /// The value contradicts another field.
    Conflict,
    /// The password is too easy to guess.
    WeakPassword,
    /// The value refers to something that does not exist.
    NotFound,
    /// Another resource has this unique value.
    Taken,
    /// The value may not be set by this user.
    NotAllowed,
    /// The file or the image cannot be read.
    Unreadable,
    /// Bookshelf cannot store the value, so it was left out or changed. The rest was kept.
    LeftOut,
}

impl FaultCode {
    /// Returns the name of the code, which never changes, such as `too_long`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongType => "wrong_type",
            Self::UnknownField => "unknown_field",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::InvalidCharacter => "invalid_character",
            Self::InvalidFormat => "invalid_format",
            Self::WrongCheckDigit => "wrong_check_digit",
            Self::OutOfRange => "out_of_range",
            Self::InvalidChoice => "invalid_choice",
            Self::Conflict => "conflict",
            Self::WeakPassword => "weak_password",
            Self::NotFound => "not_found",
            Self::Taken => "taken",
            Self::NotAllowed => "not_allowed",
            Self::Unreadable => "unreadable",
            Self::LeftOut => "left_out",
        }
    }
}

/// One thing that is wrong with a value.
///
/// The sentence is for people. It continues the name of the field: "must be at most 200 characters
/// long".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Fault {
    /// The kind of the fault, for programs.
    pub code: FaultCode,
    /// What is wrong, for people, without a subject: `must not be empty`.
    pub sentence: Cow<'static, str>,
}

impl Fault {
    /// Makes a fault. The sentence has no subject: `must not be empty`.
    pub fn new(code: FaultCode, sentence: impl Into<Cow<'static, str>>) -> Self {
        Self { code, sentence: sentence.into() }
    }

    /// Attaches the fault to the field with this name.
    #[must_use]
    pub fn of(self, field: &str) -> Faults {
        let mut faults = Faults::default();
        faults.add(field, self);
        faults
    }
}

/// Everything that is wrong with some input, by field.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct Faults(BTreeMap<String, Vec<Fault>>);

impl Faults {
    /// Returns whether there is no fault.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a fault of a field.
    pub fn add(&mut self, field: &str, fault: Fault) {
        self.0.entry(field.to_owned()).or_default().push(fault);
    }

    /// Adds the faults of those fields that have none yet: a field of the wrong type is not
    /// reported as missing too.
    pub fn extend_new_fields(&mut self, other: Self) {
        for (field, faults) in other.0 {
            self.0.entry(field).or_insert(faults);
        }
    }

    /// The same faults with the name of the enclosing object in front of each field:
    /// `title` becomes `book.title`.
    #[must_use]
    pub fn under(self, object: &str) -> Self {
        Self(
            self.0
                .into_iter()
                .map(|(field, faults)| (format!("{object}.{field}"), faults))
                .collect(),
        )
    }

    /// Whether this field has a fault.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// Returns the faults of each field, sorted by its name.
    pub fn by_field(&self) -> &BTreeMap<String, Vec<Fault>> {
        &self.0
    }

    /// The sentences of one field.
    pub fn sentences(&self, field: &str) -> Vec<&str> {
        self.0.get(field).into_iter().flatten().map(|fault| &*fault.sentence).collect()
    }

    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (field, faults) in &self.0 {
            for fault in faults {
                write!(f, "{separator}{field} {fault}")?;
                separator = "; ";
            }
        }
        Ok(())
    }
}
