//! PostgreSQL that is stopped, hangs, or refuses writes.

use bookshelf_tests::PostgresServer;
use bookshelf_tests::app::{App, Client, on_postgres};

use super::{add_book, recovers, reported, unavailable};

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
