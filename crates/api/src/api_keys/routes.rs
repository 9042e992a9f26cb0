use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post};
use bookshelf_application::api_keys::CreatedApiKey;
use utoipa_actix_web::service_config::ServiceConfig;

use super::body::ApiKeyBody;
use super::view::{ApiKeyView, CreatedApiKeyView};
use crate::App;
use crate::http::{
    Body, Envelope, HandlerResult, Id, IdempotencyKey, Owner, answer_made, created, no_content, ok,
    owner_principal, retriable,
};
use crate::paths;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(create_api_key).service(list_api_keys).service(delete_api_key);
}

/// Makes an API key
///
/// The key itself stands in this answer only: it is kept as a hash. Keys cannot make keys.
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    params(IdempotencyKey),
    request_body = ApiKeyBody,
    responses((status = 201, description = "The new key", body = Envelope<CreatedApiKeyView>))
)]
#[post("/api-keys")]
async fn create_api_key(owner: Owner, app: Data<App>, body: Body) -> HandlerResult {
    let (key, retry) = body.read_once::<ApiKeyBody>(owner_principal(&owner.0)).await?;
    let made = app.api_keys.create(&owner.0, key.into(), retriable(retry, api_key_created)).await?;
    answer_made(made, api_key_created)
}

fn api_key_created(made: &CreatedApiKey) -> HttpResponse {
    let message = "The key was made; it is shown this once";
    created(CreatedApiKeyView::from(made), message, &paths::api_key(made.key.id))
}

/// The API keys of the user
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    responses((status = 200, description = "The newest first", body = Envelope<Vec<ApiKeyView>>))
)]
#[get("/api-keys")]
async fn list_api_keys(owner: Owner, app: Data<App>) -> HandlerResult {
    let keys = app.api_keys.list(&owner.0).await?;
    Ok(ok(keys.iter().map(ApiKeyView::from).collect::<Vec<_>>()))
}

/// Revokes an API key
///
/// It works no longer, at once.
#[utoipa::path(
    tag = "API keys",
    security(("bearer" = [])),
    params(("id" = i64, Path, minimum = 1, example = 5)),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/api-keys/{id}")]
async fn delete_api_key(owner: Owner, id: Id, app: Data<App>) -> HandlerResult {
    app.api_keys.revoke(&owner.0, id.0).await?;
    Ok(no_content())
}
