use crate::api_keys::{ApiKeyName, Permissions};
use crate::draft::{FieldReader, parse_expiry};
use crate::{Change, Faults, Timestamp};

/// An API key as a client asked for it, unchecked.
#[derive(Debug, Clone, Default)]
pub struct ApiKeyDraft {
    /// The name, unchecked.
    pub name: Change<String>,
    /// The permissions, unchecked.
    pub permissions: Change<Vec<String>>,
    /// The end as RFC 3339 has it, unchecked.
    pub expires_at: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

/// The fields of an API key that its owner chooses, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyFields {
    /// The name.
    pub name: ApiKeyName,
    /// What the key may do.
    pub permissions: Permissions,
    /// When the key ends, if it does.
    pub expires_at: Option<Timestamp>,
}

impl ApiKeyDraft {
    /// Checks every field, and returns all faults at once.
    pub fn into_fields(self, now: Timestamp) -> Result<ApiKeyFields, Faults> {
        let mut read = FieldReader::new(self.faults);
        let name = read.required("name", self.name, |text| ApiKeyName::parse(text));
        let permissions =
            read.required("permissions", self.permissions, |texts| Permissions::parse(texts));
        let expires_at =
            read.optional("expires_at", self.expires_at, |text| parse_expiry(text, now));
        read.finish(|| {
            Some(ApiKeyFields {
                name: name?,
                permissions: permissions?,
                expires_at: expires_at.into_value(),
            })
        })
    }
}
