//! PostgreSQL that is stopped, hangs, is slow, has no connection left, or refuses writes.

use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::PostgresServer;
use bookshelf_tests::app::{App, Client, on_postgres};

use super::{PATIENCE, add_book, recovers, refused, reported, unavailable};

/// A server on a PostgreSQL of its own, and a user. None without PostgreSQL.
fn start() -> Option<(PostgresServer, App, Client)> {
    if !on_postgres() {
        return None;
    }
    let postgres = PostgresServer::start()?;
    let app = App::on_own_postgres(&postgres, &[]);
    let ann = app.user("ann");
    add_book(&ann).expect(201);
    Some((postgres, app, ann))
}

#[test]
fn a_stopped_postgres_is_found_again() {
    let Some((postgres, app, ann)) = start() else { return };
    postgres.stop_immediately();
    unavailable(|| ann.get("/api/v1/auth/me"));
    app.anonymous().get("/health").expect(200);
    app.anonymous().get("/health/ready").error(503, "unavailable");

    postgres.start_again();
    recovers(|| ann.get("/api/v1/auth/me"));
    recovers(|| add_book(&ann));
    reported(&app, "point reads of PostgreSQL", || ann.get("/api/v1/auth/me"));
}

#[test]
fn a_postgres_that_hangs_is_given_up_and_found_again() {
    let Some((postgres, app, ann)) = start() else { return };
    postgres.freeze();
    unavailable(|| ann.get("/api/v1/auth/me"));
    app.anonymous().get("/health").expect(200);
    app.anonymous().get("/health/ready").error(503, "unavailable");

    postgres.thaw();
    recovers(|| ann.get("/api/v1/auth/me"));
    recovers(|| add_book(&ann));
    reported(&app, "point reads of PostgreSQL", || ann.get("/api/v1/auth/me"));
}

#[test]
fn a_postgres_that_only_reads_refuses_writes_and_serves_reads() {
    let Some((postgres, app, ann)) = start() else { return };
    postgres.execute("ALTER SYSTEM SET default_transaction_read_only = on");
    postgres.execute("SELECT pg_reload_conf()");
    // The connections of the server learn it soon, and not at once.
    let until_refused = || while add_book(&ann).status == 201 {};
    until_refused();
    unavailable(|| add_book(&ann));
    ann.get("/api/v1/books").expect(200);
    ann.get("/api/v1/auth/me").expect(200);

    postgres.execute("ALTER SYSTEM RESET default_transaction_read_only");
    postgres.execute("SELECT pg_reload_conf()");
    recovers(|| add_book(&ann));
    reported(&app, "writes to PostgreSQL", || add_book(&ann));
}

#[test]
fn a_slow_postgres_is_waited_for() {
    if !on_postgres() {
        return;
    }
    let (app, link) = App::linked();
    let ann = app.user("ann");
    link.slow_down(Duration::from_millis(100));
    let answers: Vec<_> = thread::scope(|scope| {
        let requests: Vec<_> = (0..40)
            .map(|number| {
                let ann = &ann;
                scope.spawn(move || match number % 3 {
                    0 => ann.get("/api/v1/auth/me"),
                    1 => ann.get("/api/v1/books"),
                    _ => add_book(ann),
                })
            })
            .collect();
        requests.into_iter().map(|request| request.join().unwrap()).collect()
    });
    answers.iter().filter(|answer| answer.status >= 300).for_each(refused);
    for served in [200, 201] {
        assert!(answers.iter().any(|answer| answer.status == served));
    }

    link.mend();
    recovers(|| ann.get("/api/v1/auth/me"));
    recovers(|| add_book(&ann));
    assert!(!app.log().contains("panicked"), "{}", app.log());
}

/// How often a request got no connection.
fn connection_timeouts(app: &App) -> f64 {
    let metrics = app.operator().get("/metrics").text();
    let line = metrics.lines().find(|line| line.starts_with("db_client_connection_timeouts"));
    line.map_or(0.0, |line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
}

#[test]
fn writes_that_use_all_connections_leave_point_reads_served() {
    if !on_postgres() {
        return;
    }
    let Some(postgres) = PostgresServer::start() else { return };
    let app = App::on_own_postgres(&postgres, &[("BOOKSHELF_METRICS_LISTEN", "127.0.0.1:0")]);
    let ann = app.user("ann");
    let lock = "DO $$ BEGIN LOCK TABLE books IN EXCLUSIVE MODE; PERFORM pg_sleep(6); END $$";
    thread::scope(|scope| {
        let locked = scope.spawn(|| postgres.execute(lock));
        let patience = Instant::now() + PATIENCE;
        while connection_timeouts(&app) == 0.0 && !locked.is_finished() {
            assert!(Instant::now() < patience);
            // More than there are connections.
            thread::scope(|scope| {
                for _ in 0..40 {
                    scope.spawn(|| add_book(&ann));
                }
                ann.get("/api/v1/auth/me").expect(200);
            });
        }
        assert!(connection_timeouts(&app) > 0.0, "connections are left");
    });
    recovers(|| add_book(&ann));
    reported(&app, "writes to PostgreSQL", || add_book(&ann));
}
