/// How often a resource itself was changed, counting from 1.
pub type Version = i64;

/// Which version a writer has seen (RFC 9110, section 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Expected {
    #[default]
    Any,
    OneOf(Vec<Version>),
}

impl Expected {
    pub fn allows(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
