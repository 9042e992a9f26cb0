use bookshelf_domain::api_keys::{ApiKey, CreatedApiKey, Permission};
use serde::Serialize;
use utoipa::ToSchema;

use crate::paths;
use crate::time::Moment;

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey, example = json!({
    "id": 5, "name": "reports", "prefix": "bks_3q2-7wAA", "permissions": ["read"],
    "created_at": "2026-11-21T06:11:08.123456Z", "last_used_at": null, "expires_at": null,
    "links": {"self": "/api/v1/api-keys/5"}
}))]
pub(super) struct ApiKeyView<'a> {
    #[schema(minimum = 1)]
    id: i64,
    name: &'a str,
    /// The beginning of the key.
    prefix: &'a str,
    permissions: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Moment,
    /// Accurate to about a minute.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    last_used_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    expires_at: Option<Moment>,
    links: ApiKeyLinks,
}

#[derive(Serialize, ToSchema)]
struct ApiKeyLinks {
    #[serde(rename = "self")]
    self_: String,
}

impl<'a> From<&'a ApiKey> for ApiKeyView<'a> {
    fn from(key: &'a ApiKey) -> Self {
        Self {
            id: key.id.get(),
            name: key.name.as_str(),
            prefix: &key.prefix,
            permissions: key.permissions.iter().map(Permission::as_str).collect(),
            created_at: Moment(key.created_at),
            last_used_at: key.last_used_at.map(Moment),
            expires_at: key.expires_at.map(Moment),
            links: ApiKeyLinks { self_: paths::api_key(key.id) },
        }
    }
}

/// A new API key with its secret, which is shown only once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedApiKey)]
pub(super) struct CreatedApiKeyView<'a> {
    /// For the header `X-API-Key`.
    #[schema(example = "bks_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    key: &'a str,
    #[serde(flatten)]
    shown: ApiKeyView<'a>,
}

impl<'a> From<&'a CreatedApiKey> for CreatedApiKeyView<'a> {
    fn from(created: &'a CreatedApiKey) -> Self {
        Self { key: &created.secret, shown: (&created.key).into() }
    }
}
