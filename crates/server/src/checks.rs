//! What the server needs to take requests, and whether it has it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::timeout;
use bookshelf_api::{Readiness, Switch};
use bookshelf_application::Error;
use bookshelf_application::books::Books;
use bookshelf_domain::books::BookId;
use bookshelf_domain::error_chain;
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_infrastructure::limits::RedisRateLimiter;
use serde_json::{Value, json};

/// What takes longer to answer counts as unavailable.
const WITHIN: Duration = Duration::from_secs(2);

/// Asks everything that the server depends on.
#[derive(Clone)]
pub(crate) struct Checks {
    pub(crate) books: Books,
    pub(crate) cover_store: ObjectCoverStore,
    pub(crate) redis: Option<Arc<RedisRateLimiter>>,
    pub(crate) draining: Switch,
}

/// `Err` says what is wrong, for operators.
type Check = Result<(), String>;

impl Checks {
    /// The server is ready if the database answers in time and the server is not stopping. Without
    /// covers it answers nearly everything, and without Redis it counts requests alone.
    pub(crate) fn readiness(&self) -> Readiness {
        let checks = self.clone();
        Box::new(move || {
            let checks = checks.clone();
            Box::pin(async move { !checks.draining.is_on() && checks.database().await.is_ok() })
        })
    }

    /// What each part answers, and whether the server is ready.
    pub(crate) async fn report(&self) -> (bool, Value) {
        let (database, cover_store, redis) =
            tokio::join!(self.database(), self.cover_store(), self.redis());
        let draining = self.draining.is_on();
        let is_ready = !draining && database.is_ok();
        let shown = |check: Check| check.err().unwrap_or_else(|| "ok".to_owned());
        let report = json!({
            "status": if is_ready { "ready" } else { "unavailable" },
            "draining": draining,
            "database": shown(database),
            "cover_store": shown(cover_store),
            "redis": redis.map_or_else(|| "not used".to_owned(), shown),
        });
        (is_ready, report)
    }

    async fn database(&self) -> Check {
        // No book has the id 0. That answer shows that the database works.
        match timeout(WITHIN, self.books.get(BookId::new(0))).await {
            Ok(Ok(_) | Err(Error::NotFound(_))) => Ok(()),
            Ok(Err(error)) => Err(error_chain(&error)),
            Err(_) => Err(late()),
        }
    }

    /// Writes and deletes an object.
    async fn cover_store(&self) -> Check {
        match timeout(WITHIN, self.cover_store.check()).await {
            Ok(checked) => checked.map_err(|error| error_chain(&error)),
            Err(_) => Err(late()),
        }
    }

    /// `None` if the server does not use Redis.
    pub(crate) async fn redis(&self) -> Option<Check> {
        let redis = self.redis.as_ref()?;
        Some(match timeout(WITHIN, redis.check()).await {
            Ok(checked) => checked.map_err(|error| error_chain(&error)),
            Err(_) => Err(late()),
        })
    }
}

fn late() -> String {
    format!("no answer within {} s", WITHIN.as_secs())
}
