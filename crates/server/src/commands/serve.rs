use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::{self, time};
use actix_web::{App, HttpServer, web};
use bookshelf_api::{SlowReads, TrustedProxies};
use bookshelf_application::accounts::Accounts;
use bookshelf_application::covers::Covers;
use bookshelf_application::invites::Invites;
use bookshelf_application::{Error, IdempotencyKeys};
use bookshelf_domain::error_chain;
use bookshelf_infrastructure::accounts::JwtAccessTokens;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::OPERATOR;
use crate::backups;
use crate::checks::Checks;
use crate::cli::ServeArgs;
use crate::failure::Failure;
use crate::listeners::Listeners;
use crate::metrics::Metrics;
use crate::services::Services;
use crate::settings::Settings;
use crate::stopping::Stopping;
use crate::systemd;
#[cfg(feature = "otlp")]
use crate::traces::Traces;
use crate::workers::Workers;

/// How long a client may take to close its side of a connection.
const DISCONNECT: Duration = Duration::from_secs(5);

/// How often expired rows are deleted, and at most how many in one write.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
const PURGE_BATCH: u32 = 200;

/// How often unused covers are deleted, how long after the start for the first time, and the pause
/// between two parts of the store.
const COLLECT_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
const COLLECT_AFTER: Duration = Duration::from_secs(10 * 60);
const COLLECT_PAUSE: Duration = Duration::from_secs(1);

/// How long closing the database waits for the threads that still use it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Serves until a signal stops the server.
pub(crate) fn run(settings: &Settings, args: &ServeArgs) -> Result<(), Failure> {
    let metrics = settings.metrics_listen.map(|_| Metrics::start()).transpose()?;
    #[cfg(feature = "otlp")]
    let traces = Traces::start()?;
    let services = Services::open(settings)?;
    // This fails without a secret or keys, so it comes before the migration: a server that cannot
    // start must not migrate.
    let tokens = services.access_tokens()?;
    if args.no_migrate {
        services.check_migrated()?;
    } else {
        services.migrate()?;
    }
    let outcome = rt::System::new().block_on(serve(settings, &services, tokens, metrics));
    #[cfg(feature = "otlp")]
    if let Some(traces) = traces {
        traces.stop(settings.shutdown_timeout);
    }
    // The threads of the workers may still use the database for a moment.
    services.close(CLOSE_WITHIN);
    outcome
}

/// Without the database, the server starts and learns the cost from the hashes that it verifies.
async fn keep_pace_with_hashes(accounts: &Accounts) {
    if let Err(error) = accounts.keep_pace_with_hashes(OPERATOR).await {
        let error = error_chain(&error);
        tracing::warn!(error, "the highest cost of the stored password hashes could not be read");
    }
}

async fn serve(
    settings: &Settings,
    services: &Services<'_>,
    tokens: Arc<JwtAccessTokens>,
    metrics: Option<Metrics>,
) -> Result<(), Failure> {
    let use_cases = &services.use_cases;
    let stopping = Stopping::watch(settings)?;
    let jwks = serde_json::to_vec(tokens.jwks())
        .map_err(|error| Failure::because("cannot publish the keys of access tokens", &error))?;
    let (books, accounts, idempotency_keys) =
        (use_cases.books(), services.accounts(tokens)?, use_cases.idempotency_keys());
    keep_pace_with_hashes(&accounts).await;
    let (cover_store, redis) = (services.cover_store().await?, services.redis()?);
    let covers = services.covers(cover_store.clone())?;
    let limits = services.limits(redis.clone());
    let checks =
        Checks { books: books.clone(), cover_store, redis, draining: stopping.draining.clone() };
    let (public_books, watch) = services.public_books()?;
    let app = web::Data::new(bookshelf_api::App {
        readiness: checks.readiness(),
        books,
        public_books,
        covers: covers.clone(),
        accounts: accounts.clone(),
        api_keys: use_cases.api_keys(),
        invites: use_cases.invites(),
        transfers: bookshelf_api::Transfers::new(use_cases.transfer(), use_cases.histories()),
        shelves: use_cases.shelves(),
        slow_reads: SlowReads::new(services.database.slow_reads()),
        jwks: jwks.into(),
    });
    let context = web::Data::new(bookshelf_api::Context {
        accounts: accounts.clone(),
        api_keys: use_cases.api_keys(),
        limits,
        trusted_proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
        settings: bookshelf_api::Settings {
            require_if_match: settings.require_if_match,
            hsts: settings.hsts,
            log_address: settings.log_address,
            cors_origins: settings.cors_origins.clone(),
            body_timeout: settings.body_timeout,
            json_bytes: settings.json_limit * 1024,
            json_depth: settings.json_depth,
            request_timeout: settings.request_timeout,
            import_timeout: settings.import_timeout,
        },
    });
    let listeners = Listeners::open(settings.listen)?;
    let workers = Workers::default();
    let started = workers.clone();
    let server = HttpServer::new(move || {
        started.add_current();
        let (app, context) = (app.clone(), context.clone());
        bookshelf_api::wrap(App::new())
            .configure(|config| bookshelf_api::configure(config, app, context))
    })
    .workers(settings.workers)
    .max_connections(max_connections(settings.max_connections).div_ceil(settings.workers))
    .on_connect(bookshelf_api::watch(
        settings.keep_alive + settings.head_timeout,
        settings.send_timeout,
        stopping.closing.clone(),
    ))
    .keep_alive(settings.keep_alive)
    .client_request_timeout(settings.head_timeout)
    .client_disconnect_timeout(DISCONNECT)
    // The time is limited by `Stopping`.
    .shutdown_timeout(u64::MAX)
    .disable_signals();
    let server = listeners
        .duplicates()?
        .into_iter()
        .try_fold(server, HttpServer::listen)
        .map_err(|error| Failure::because("cannot listen", &error))?;
    let metrics = metrics.zip(settings.metrics_listen);
    let metrics = metrics.map(|(metrics, address)| metrics.listen(address, checks)).transpose()?;
    for address in server.addrs() {
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    }
    let server = server.run();
    let purger = rt::spawn(purge(accounts, idempotency_keys, use_cases.invites()));
    let collector = rt::spawn(collect(covers));
    let watcher = watch.map(rt::spawn);
    let watchdog = rt::spawn(systemd::keep_alive(workers));
    backups::start_regular(settings)?;
    systemd::notify_ready();
    let outcome = stopping.run(server, listeners).await;
    for task in [Some(purger), Some(collector), Some(watchdog), watcher].into_iter().flatten() {
        task.abort();
    }
    if let Some(listener) = metrics {
        listener.stop().await;
    }
    tracing::info!("stopped");
    outcome
}

/// Raises the limit of file descriptors as far as it goes, and returns how many connections fit in
/// it. Otherwise connections could leave none for the database and the covers.
fn max_connections(wanted: usize) -> usize {
    /// For the database, the covers and the log.
    const RESERVED: u64 = 128;
    /// The watchdog has a descriptor of its own.
    const OF_A_CONNECTION: u64 = 2;
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of file descriptors was not raised");
    }
    let Some(limit) = getrlimit(Resource::Nofile).current else { return wanted };
    let fitting = limit.saturating_sub(RESERVED) / OF_A_CONNECTION;
    let fitting = usize::try_from(fitting).unwrap_or(wanted).max(1);
    if fitting < wanted {
        tracing::warn!(
            wanted,
            fitting,
            limit,
            "the limit of file descriptors (ulimit -n) is too low for max_connections: fewer \
             connections are served"
        );
    }
    wanted.min(fitting)
}

/// Deletes sessions and invitations that have ended, and idempotency keys that have expired.
async fn purge(accounts: Accounts, idempotency_keys: IdempotencyKeys, invites: Invites) {
    loop {
        time::sleep(PURGE_EVERY).await;
        purge_all("sessions", async || accounts.purge_sessions(PURGE_BATCH).await).await;
        purge_all("idempotency keys", async || idempotency_keys.purge(PURGE_BATCH).await).await;
        purge_all("invitations", async || invites.purge(PURGE_BATCH).await).await;
    }
}

/// Deletes small batches, so that other writes can run in between.
async fn purge_all(what: &str, batch: impl AsyncFn() -> Result<u64, Error>) {
    loop {
        match batch().await {
            Ok(count) if count < u64::from(PURGE_BATCH) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = error_chain(&error), what, "cannot delete expired rows");
                return;
            }
        }
    }
}

/// Deletes covers that no book uses any more.
async fn collect(covers: Covers) {
    time::sleep(COLLECT_AFTER).await;
    loop {
        let mut count = 0;
        for part in 0..=u8::MAX {
            match covers.collect(part).await {
                Ok(collected) => count += collected,
                // The store reports it.
                Err(Error::Unavailable(_)) => {}
                Err(error) => {
                    tracing::warn!(
                        error = error_chain(&error),
                        part,
                        "cannot delete unused covers"
                    );
                }
            }
            time::sleep(COLLECT_PAUSE).await;
        }
        tracing::info!(count, "deleted unused covers");
        time::sleep(COLLECT_EVERY).await;
    }
}
