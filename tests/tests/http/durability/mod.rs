//! What the server has acknowledged outlives a crash of the server, and of its database.
//!
//! `DURABILITY_ROUNDS` says how many crashes there are, and `DURABILITY_SEED` which random numbers
//! are used. A test that fails prints its seed. The seed decides what the writers ask, but not what
//! happens at the moment of the crash.

mod check;
mod model;
mod writers;

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::PostgresServer;
use bookshelf_tests::app::{App, on_postgres};

use model::{Book, Dice, State, Writer};

const WRITERS: usize = 16;
const COMMON_BOOKS: u64 = 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// Refresh tokens may be shown again for so long that no slow machine is a reason to fail.
const SETTINGS: [(&str, &str); 1] = [("BOOKSHELF_REFRESH_REUSE_GRACE", "1h")];

#[test]
fn what_was_acknowledged_outlives_a_killed_server() {
    if on_postgres() {
        return;
    }
    let mut app = App::with(&SETTINGS);
    rounds(&mut app, |_, app| app.kill(), |_, app| app.restart());
    assert_eq!(app.integrity(), "ok");
}

#[test]
fn what_was_acknowledged_outlives_a_stopped_postgres() {
    if !on_postgres() {
        return;
    }
    let Some(postgres) = PostgresServer::start() else { return };
    let mut app = App::on_own_postgres(&postgres, &SETTINGS);
    let stop = |round, app: &mut App| match round % 2 {
        0 => postgres.stop_immediately(),
        _ => app.kill(),
    };
    // The server finds its database again by itself.
    let start = |round, app: &mut App| match round % 2 {
        0 => postgres.start_again(),
        _ => app.restart(),
    };
    rounds(&mut app, stop, start);
}

/// Lets the writers work, interrupts them at a random moment, and checks what is there afterwards.
fn rounds(app: &mut App, stop: impl Fn(usize, &mut App), start: impl Fn(usize, &mut App)) {
    let seed = number("DURABILITY_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let rounds = number("DURABILITY_ROUNDS").unwrap_or(10) as usize;
    eprintln!("DURABILITY_SEED={seed}");
    let mut dice = Dice::new(seed);
    let mut writers: Vec<_> = (0..WRITERS).map(|index| writer(app, index, dice.next())).collect();
    let common = add_common_books(app, &writers[0]);
    let ids: Vec<_> = common.keys().copied().collect();
    let mut total = 0;
    for round in 0..rounds {
        let (anonymous, acknowledged) = (app.anonymous(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.work(&anonymous, &ids, &acknowledged));
            }
            wait_for_writes(&acknowledged, 16 + dice.below(400));
            thread::sleep(Duration::from_micros(dice.next() % 5000));
            stop(round, app);
        });
        total += acknowledged.into_inner();
        start(round, app);
        wait_until_ready(app);
        check::check(app, &common, &mut writers);
    }
    eprintln!("{rounds} rounds, {total} acknowledged requests");
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// An admin, because only admins delete books.
fn writer(app: &App, index: usize, seed: u64) -> Writer {
    let client = app.admin_called(&format!("writer{index}"));
    Writer {
        prefix: format!("w{index:02}x"),
        login: client.login().clone(),
        state: State::default(),
        created: Vec::new(),
        pending: None,
        dice: Dice::new(seed),
        names: 0,
    }
}

/// Adds the books that all writers rate.
fn add_common_books(app: &App, writer: &Writer) -> BTreeMap<u64, Book> {
    let client = app.anonymous().bearing(writer.login.clone());
    let add = |stamp| {
        let book = Book { title: format!("common {stamp}"), stamp };
        let added = client.post("/api/v1/books", book.fields()).expect(201).data();
        (added["id"].as_u64().unwrap(), book)
    };
    (0..COMMON_BOOKS).map(add).collect()
}

fn wait_for_writes(acknowledged: &AtomicUsize, wanted: usize) {
    let patience = Instant::now() + PATIENCE;
    while acknowledged.load(Ordering::Relaxed) < wanted {
        assert!(Instant::now() < patience, "the writers do not get {wanted} answers");
        thread::sleep(Duration::from_micros(200));
    }
}

fn wait_until_ready(app: &App) {
    let patience = Instant::now() + PATIENCE;
    while app.anonymous().get("/health/ready").status != 200 {
        assert!(Instant::now() < patience, "the server does not find its database again");
        thread::sleep(Duration::from_millis(20));
    }
}
