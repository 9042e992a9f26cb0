use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::{self, signal::unix, time};
use actix_web::{App, HttpServer, web};
use bookshelf_api::{Readiness, TrustedProxies};
use bookshelf_application::accounts::Accounts;
use bookshelf_application::books::Books;
use bookshelf_application::covers::Covers;
use bookshelf_application::{Error, Retries};
use bookshelf_infrastructure::accounts::JwtAccessTokens;

use crate::cli::ServeArgs;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::House;

const DISCONNECT: Duration = Duration::from_secs(5);

/// How often dead sessions are looked for, and how many go in one write.
const PURGE_EVERY: Duration = Duration::from_secs(10 * 60);
const PURGE_BATCH: u32 = 200;

/// How often covers that no book points at are looked for, and how long after the start first; one
/// part of the store after the other, with a pause.
const COLLECT_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
const COLLECT_AFTER: Duration = Duration::from_secs(10 * 60);
const COLLECT_PAUSE: Duration = Duration::from_secs(1);

/// How long the database waits for the last threads that hold it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Past this a database counts as away.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// Serves until a signal says to stop.
pub(crate) fn run(settings: &Settings, args: &ServeArgs) -> Result<(), Failure> {
    let house = House::open(settings)?;
    // Before anything is changed: without the secret nothing will be served.
    let tokens = house.access_tokens()?;
    if !args.no_migrate {
        house.migrate()?;
    }
    let outcome = rt::System::new().block_on(serve(settings, &house, tokens));
    // The workers are done, but their threads may not have ended yet.
    house.close(CLOSE_WITHIN);
    outcome
}

async fn serve(
    settings: &Settings,
    house: &House<'_>,
    tokens: Arc<JwtAccessTokens>,
) -> Result<(), Failure> {
    let draining = Arc::new(AtomicBool::new(false));
    let jwks = serde_json::to_vec(tokens.jwks())
        .map_err(|error| Failure::because("cannot publish the keys of access tokens", &error))?;
    let (books, accounts, retries) = (house.books(), house.accounts(tokens)?, house.retries());
    let covers = house.covers().await?;
    let (public_books, watch) = house.public_books()?;
    let app = web::Data::new(bookshelf_api::App {
        readiness: readiness(books.clone(), draining.clone()),
        books,
        public_books,
        covers: covers.clone(),
        accounts: accounts.clone(),
        api_keys: house.api_keys(),
        transfers: bookshelf_api::Transfers::new(house.transfer(), house.histories()),
        shelves: house.shelves(),
        jwks: jwks.into(),
        limits: house.limits()?,
        trusted_proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
        settings: bookshelf_api::Settings {
            require_if_match: settings.require_if_match,
            hsts: settings.hsts,
            cors_origins: settings.cors_origins.clone(),
            body_timeout: settings.body_timeout,
            json_bytes: settings.json_limit * 1024,
            json_depth: settings.json_depth,
            request_timeout: settings.request_timeout,
        },
    });
    let cannot_listen = |error: io::Error| {
        Failure::because(format_args!("cannot listen on {}", settings.listen), &error)
    };
    let server = HttpServer::new(move || {
        let app = app.clone();
        bookshelf_api::wrap(App::new()).configure(|config| bookshelf_api::configure(config, app))
    })
    .workers(settings.workers)
    .max_connections(settings.max_connections.div_ceil(settings.workers))
    .on_connect(bookshelf_api::watch(
        settings.keep_alive + settings.head_timeout,
        settings.send_timeout,
    ))
    .keep_alive(settings.keep_alive)
    .client_request_timeout(settings.head_timeout)
    .client_disconnect_timeout(DISCONNECT)
    .shutdown_timeout(settings.shutdown_timeout.as_secs_f64().ceil() as u64)
    .disable_signals()
    .bind(settings.listen)
    .map_err(cannot_listen)?;
    for address in server.addrs() {
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    }
    let server = server.run();
    let stopper = rt::spawn(stop_on_signal(server.handle(), draining));
    let purger = rt::spawn(purge(accounts, retries));
    let collector = rt::spawn(collect(covers));
    let watcher = watch.map(rt::spawn);
    let outcome = server.await;
    for task in [Some(stopper), Some(purger), Some(collector), watcher].into_iter().flatten() {
        task.abort();
    }
    tracing::info!("stopped");
    outcome.map_err(|error| Failure::because("the server failed", &error))
}

/// Ready means: the database answers in good time, and the server is not on its way out.
fn readiness(books: Books, draining: Arc<AtomicBool>) -> Readiness {
    Box::new(move || {
        let (books, draining) = (books.clone(), draining.clone());
        Box::pin(async move {
            if draining.load(Ordering::Relaxed) {
                return false;
            }
            // No book has this id: that there is none is an answer.
            let answer = time::timeout(READY_WITHIN, books.get(0)).await;
            matches!(answer, Ok(Ok(_) | Err(Error::NotFound(_))))
        })
    })
}

/// The first signal lets running requests finish, the second does not.
async fn stop_on_signal(server: ServerHandle, draining: Arc<AtomicBool>) {
    let signals = unix::signal(unix::SignalKind::terminate())
        .and_then(|terminate| Ok((terminate, unix::signal(unix::SignalKind::interrupt())?)));
    let (mut terminate, mut interrupt) = match signals {
        Ok(signals) => signals,
        Err(error) => return tracing::error!(%error, "signals cannot be heard"),
    };
    for graceful in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!(graceful, "stopping");
        draining.store(true, Ordering::Relaxed);
        rt::spawn(server.stop(graceful));
    }
}

/// Forgets what is over: dead sessions, and answers that nobody can ask for again.
async fn purge(accounts: Accounts, retries: Retries) {
    loop {
        time::sleep(PURGE_EVERY).await;
        purge_all("sessions", async || accounts.purge_sessions(PURGE_BATCH).await).await;
        purge_all("answers", async || retries.purge(PURGE_BATCH).await).await;
    }
}

/// A small batch at a time, so that other writes come in between.
async fn purge_all(what: &str, batch: impl AsyncFn() -> Result<u64, Error>) {
    loop {
        match batch().await {
            Ok(count) if count < u64::from(PURGE_BATCH) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, what, "what is over could not be purged");
                return;
            }
        }
    }
}

/// Deletes covers that no book points at any more.
async fn collect(covers: Covers) {
    time::sleep(COLLECT_AFTER).await;
    loop {
        let mut count = 0;
        for part in 0..=u8::MAX {
            match covers.collect(part).await {
                Ok(collected) => count += collected,
                Err(error) => tracing::warn!(%error, part, "covers could not be collected"),
            }
            time::sleep(COLLECT_PAUSE).await;
        }
        tracing::info!(count, "covers that no book points at were collected");
        time::sleep(COLLECT_EVERY).await;
    }
}
