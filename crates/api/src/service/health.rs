use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::http::{ApiError, Reason, json_response};

/// The health of the service.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(example = "healthy")]
    status: &'static str,
    #[schema(example = "bookshelf")]
    service: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

impl Health {
    fn answer(status: &'static str) -> HttpResponse {
        let version = env!("CARGO_PKG_VERSION");
        json_response(&Self { status, service: "bookshelf", version })
    }
}

/// Checks whether the server is alive
///
/// The database is not asked.
#[utoipa::path(tag = "service", responses((status = 200, description = "The server is alive", body = Health)))]
#[get("/health")]
pub(super) async fn health() -> HttpResponse {
    Health::answer("healthy")
}

/// Checks whether the server is alive
///
/// The database is not asked.
#[utoipa::path(tag = "service", responses((status = 200, description = "The server is alive", body = Health)))]
#[get("/api/health")]
pub(super) async fn api_health() -> HttpResponse {
    Health::answer("healthy")
}

/// Checks whether the server can take requests
///
/// It cannot while the database does not answer, nor while it is stopping.
#[utoipa::path(
    tag = "service",
    responses(
        (status = 200, description = "The server can take requests", body = Health),
        (status = 503, description = "`unavailable`"),
    )
)]
#[get("/health/ready")]
pub(super) async fn ready(app: Data<App>) -> Result<HttpResponse, ApiError> {
    if (app.readiness)().await {
        Ok(Health::answer("ready"))
    } else {
        Err(ApiError::new(Reason::Unavailable))
    }
}
