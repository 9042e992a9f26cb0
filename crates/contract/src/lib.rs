#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod clause;
mod fixture;
mod macros;
mod report;
mod saw;

pub mod api_keys;
pub mod books;
pub mod covers;
pub mod idempotency;
pub mod invites;
pub mod limits;
pub mod sample;
pub mod sessions;
pub mod shelves;
pub mod users;

use bookshelf_domain::Repositories;

pub use clause::{Clause, Contract};
pub use fixture::{Fixture, IntoFixture};
pub use report::{Broken, ClauseId, Report, Skipped, Verdict};

/// What a clause about repositories is checked on: an empty database.
///
/// An adapter that has only some of the repositories takes the others from elsewhere, for example
/// from `bookshelf-memory`. The documentation of each module says which ones its clauses use.
pub type Store = Fixture<Repositories>;
