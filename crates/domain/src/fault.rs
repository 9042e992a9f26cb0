use std::collections::BTreeMap;
use std::fmt;

/// One thing that is wrong with a value, as the end of a sentence that starts with the field's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

impl Fault {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// The same fault, told of a field.
    #[must_use]
    pub fn of(self, field: &str) -> Faults {
        let mut faults = Faults::default();
        faults.add(field, self.0);
        faults
    }
}

impl From<Fault> for garde::Error {
    fn from(fault: Fault) -> Self {
        Self::new(fault.0)
    }
}

/// All that is wrong with some input: sentences by field.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct Faults(BTreeMap<String, Vec<String>>);

impl Faults {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        self.0.entry(field.to_owned()).or_default().push(sentence.into());
    }

    /// Takes over the faults of fields that have none yet: a field of the wrong type is told once,
    /// and not that it is missing too.
    pub fn extend_new_fields(&mut self, other: Self) {
        for (field, sentences) in other.0 {
            self.0.entry(field).or_insert(sentences);
        }
    }

    /// The same faults, told of the fields of `object`.
    #[must_use]
    pub fn under(self, object: &str) -> Self {
        Self(self.0.into_iter().map(|(field, told)| (format!("{object}.{field}"), told)).collect())
    }

    /// Whether something is wrong with this field.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    pub fn by_field(&self) -> &BTreeMap<String, Vec<String>> {
        &self.0
    }

    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<garde::Report> for Faults {
    fn from(report: garde::Report) -> Self {
        let mut faults = Self::default();
        for (path, error) in report.iter() {
            faults.add(&path.to_string(), error.message());
        }
        faults
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (field, sentences) in &self.0 {
            for sentence in sentences {
                write!(f, "{separator}{field} {sentence}")?;
                separator = "; ";
            }
        }
        Ok(())
    }
}
