use bookshelf_domain::api_keys::ApiKeyDraft;
use utoipa::ToSchema;

use crate::http::{Fields, FromFields};

impl FromFields for ApiKeyDraft {
    fn from_fields(fields: &mut Fields) -> Self {
        Self {
            name: fields.text("name"),
            permissions: fields.texts("permissions"),
            expires_at: fields.text("expires_at"),
            faults: fields.finish(),
        }
    }
}

#[derive(ToSchema)]
#[schema(as = NewApiKey, example = json!({
    "name": "reports", "permissions": ["read"], "expires_at": "2036-01-31T00:00:00Z"
}))]
#[expect(dead_code, reason = "the documentation of what its reader takes")]
pub(crate) struct ApiKeyInput {
    /// One line, trimmed.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `read` for GET and HEAD, `write` for the rest; without `admin`, which only an admin may give,
    /// the owner counts as a plain user.
    #[schema(min_items = 1, inline)]
    permissions: Vec<PermissionName>,
    /// A time as RFC 3339 writes it, in the future. Without one the key does not expire.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "the documentation of the permissions")]
enum PermissionName {
    Read,
    Write,
    Admin,
}
