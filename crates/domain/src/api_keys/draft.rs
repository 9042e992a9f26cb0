use garde::Validate;

use crate::api_keys::{ApiKeyName, Permissions};
use crate::draft::{self, DraftContext, line, required, valid};
use crate::{Change, Fault, Faults, Timestamp};

/// An API key as somebody asked for it, unchecked.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct ApiKeyDraft {
    #[garde(custom(required), custom(line::<100>))]
    pub name: Change<String>,
    #[garde(custom(required), custom(permissions_rule))]
    pub permissions: Change<Vec<String>>,
    #[garde(custom(expires_at_rule))]
    pub expires_at: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

/// An API key as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyFields {
    pub name: ApiKeyName,
    pub permissions: Permissions,
    pub expires_at: Option<Timestamp>,
}

impl ApiKeyDraft {
    pub fn into_fields(self, context: &DraftContext) -> Result<ApiKeyFields, Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok(ApiKeyFields {
            name: draft::read_required("name", self.name, |text| ApiKeyName::parse(text))?,
            permissions: draft::read_required("permissions", self.permissions, |texts| {
                Permissions::parse(texts)
            })?,
            expires_at: draft::read("expires_at", self.expires_at, |text| {
                expiry(text, context.now)
            })?
            .into_value(),
        })
    }
}

fn permissions_rule(field: &Change<Vec<String>>, _: &DraftContext) -> garde::Result {
    valid(field, |texts| Permissions::parse(texts))
}

fn expires_at_rule(field: &Change<String>, context: &DraftContext) -> garde::Result {
    valid(field, |text| expiry(text, context.now))
}

fn expiry(text: &str, now: Timestamp) -> Result<Timestamp, Fault> {
    let moment = chrono::DateTime::parse_from_rfc3339(text.trim())
        .map_err(|_| Fault::new("must be a time as RFC 3339 writes it, 2027-01-31T00:00:00Z"))?
        .to_utc();
    if moment <= now { Err(Fault::new("must lie in the future")) } else { Ok(moment) }
}
