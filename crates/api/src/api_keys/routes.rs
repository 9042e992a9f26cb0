use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bookshelf_domain::api_keys::{ApiKey, CreatedApiKey};
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::ApiKeyBody;
use super::view::{ApiKeyView, CreatedApiKeyView};
use crate::App;
use crate::http::{
    Body, Envelope, HandlerResult, IdempotencyHeader, IfExists, Owner, PathId, created,
    created_once, no_content, ok, refuse_tags,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_api_key).service(list_api_keys).service(delete_api_key);
}

/// Creates an API key
///
/// Only this response contains the key itself, because the server stores its hash. An API key
/// cannot create API keys. A user has at most 20 keys.
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = ApiKeyBody,
    responses(
        (status = 201, description = "The new key", body = Envelope<CreatedApiKeyView>),
        (status = 409, description = "`too_many_api_keys`"),
    )
)]
#[post("/api-keys")]
async fn create_api_key(owner: Owner, app: Data<App>, body: Body) -> HandlerResult {
    let (api_key, key) = body.read_once::<ApiKeyBody>(owner.0.principal()).await?;
    let made = app.api_keys.create(&owner.0, api_key.into(), key).await?;
    Ok(created_once(made, api_key_created))
}

fn api_key_created(made: &CreatedApiKey) -> HttpResponse {
    let message = "The key was created; it is shown only once";
    created(CreatedApiKeyView::from(made), message, &paths::api_key(made.key.id))
}

/// Lists the API keys of the user
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    responses((status = 200, description = "The API keys, the newest first", body = Envelope<Vec<ApiKeyView>>))
)]
#[get("/api-keys")]
async fn list_api_keys(owner: Owner, app: Data<App>) -> HandlerResult {
    let keys = app.api_keys.list(&owner.0).await?;
    Ok(ok(keys.iter().map(ApiKeyView::from).collect::<Vec<_>>()))
}

/// Revokes an API key
///
/// The key stops working at once.
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    params(("id" = i64, Path, minimum = 1, example = 5), IfExists),
    responses((status = 204, description = "The key was revoked"))
)]
#[delete("/api-keys/{id}")]
async fn delete_api_key(
    owner: Owner,
    id: PathId<ApiKey>,
    app: Data<App>,
    request: HttpRequest,
) -> HandlerResult {
    refuse_tags(&request)?;
    app.api_keys.revoke(&owner.0, id.0).await?;
    Ok(no_content())
}
