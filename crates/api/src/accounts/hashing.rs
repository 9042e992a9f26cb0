use std::sync::LazyLock;

use actix_web::HttpRequest;

use crate::http::{ApiError, Turn, Turns, client_for_shares};

/// How many requests of one address may hash passwords at once: enough to keep both threads of the
/// hasher busy, and so few that many addresses are needed to fill its queue.
const AT_ONCE: usize = 4;

static HASHING: LazyLock<Turns> = LazyLock::new(|| Turns::new("requests with a password", AT_ONCE));

/// Waits until a request may hash passwords. Every request that hashes one waits here first. It does
/// not matter whether its account exists, so the wait reveals nothing.
pub(crate) async fn hashing_turn(request: &HttpRequest) -> Result<Turn, ApiError> {
    HASHING.turn(client_for_shares(request)).await
}
