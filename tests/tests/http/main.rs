//! The whole program from outside: every test has a server and a database of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod accounts;
mod api_keys;
mod audit;
mod backups;
mod books;
mod catalogue_writes;
mod command_line;
mod copies;
mod covers;
mod durability;
mod errors;
mod faults;
mod forged_cursors;
mod hashing;
mod histories;
mod idempotency;
mod invites;
mod limits;
mod lists;
mod metrics;
mod outages;
mod permissions;
mod protocol;
mod service;
mod sessions;
mod shelf;
mod shelved_books;
mod simultaneous;
mod transfers;
mod transfers_cut;
mod transfers_memory;
mod users;
