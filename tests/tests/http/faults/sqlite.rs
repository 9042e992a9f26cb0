//! SQLite, while another process holds its lock.

use bookshelf_tests::app::{App, on_postgres};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use super::{add_book, recovers, reported, unavailable};

#[test]
fn a_locked_file_refuses_writes_and_serves_reads() {
    if on_postgres() {
        return;
    }
    let app = App::start();
    let ann = app.user("ann");
    let url = app.database_url();
    let file = url.strip_prefix("sqlite://").unwrap();
    let mut other = SqliteConnection::establish(file).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    unavailable(|| add_book(&ann));
    ann.get("/api/v1/books").expect(200);
    ann.get("/api/v1/auth/me").expect(200);

    other.batch_execute("ROLLBACK").unwrap();
    recovers(|| add_book(&ann));
    reported(&app, "writes to SQLite", || add_book(&ann));
}
