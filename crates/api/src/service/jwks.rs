use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};

use crate::App;

/// Sends the public keys of access tokens
///
/// A JWK set (RFC 7517, section 5), with which other services verify the access tokens of this
/// server. It is empty if the tokens are signed with a secret.
#[utoipa::path(
    tag = "service",
    responses((
        status = 200,
        description = "The keys",
        body = Object,
        content_type = "application/jwk-set+json",
        example = json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "use": "sig", "alg": "EdDSA",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        }]})
    ))
)]
#[get("/.well-known/jwks.json")]
pub(super) async fn jwks(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/jwk-set+json"))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(app.jwks.clone())
}
