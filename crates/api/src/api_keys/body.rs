use bookshelf_domain::api_keys::{ApiKeyDraft, Permission};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{Choice, Chosen, Member, Read};

#[derive(Deserialize, ToSchema)]
#[schema(as = NewApiKey, example = json!({
    "name": "reports", "permissions": ["read"], "expires_at": "2036-01-31T00:00:00Z"
}))]
pub(crate) struct ApiKeyBody {
    /// One line, trimmed.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: Member<String>,
    /// `read` allows GET and HEAD, `write` allows the other methods. Only an admin may give
    /// `admin`; without it, the key of an admin may do no more than that of any user.
    #[schema(value_type = Vec<PermissionName>, min_items = 1, inline)]
    permissions: Member<Vec<String>>,
    /// A time in the future (RFC 3339). Without it the key does not expire.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Member<String>,
}

impl From<Read<ApiKeyBody>> for ApiKeyDraft {
    fn from(Read { members, faults }: Read<ApiKeyBody>) -> Self {
        Self {
            name: members.name.0,
            permissions: members.permissions.0,
            expires_at: members.expires_at.0,
            faults,
        }
    }
}

type PermissionName = Chosen<Permission>;

impl Choice for Permission {
    const CHOICES: &'static [(&'static str, Self)] = &[
        (Self::Read.as_str(), Self::Read),
        (Self::Write.as_str(), Self::Write),
        (Self::Admin.as_str(), Self::Admin),
    ];
}
