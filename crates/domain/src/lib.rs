//! The nouns of Bookshelf and the ports they need. No I/O, no framework, no clock of its own.
//!
//! Every port is an object-safe trait; its documentation is a contract whose MUST clauses hold for
//! every adapter. With the feature `mocks`, mockall mocks of every port are exported beside them.

pub mod accounts;
pub mod api_keys;
pub mod books;
pub mod covers;

mod change;
mod clock;
mod draft;
mod error;
mod fault;
mod fold;
pub mod limits;
mod once;
mod page;
mod random;
mod repositories;
pub mod shelves;
mod text;
mod version;

pub use change::Change;
#[cfg(feature = "mocks")]
pub use clock::MockClock;
pub use clock::{Clock, Timestamp};
pub use draft::{DraftContext, Intent};
pub use error::StoreError;
pub use fault::{Fault, Faults};
pub use fold::Folded;
#[cfg(feature = "mocks")]
pub use once::MockAnswerRepository;
pub use once::{AnswerError, AnswerFor, AnswerRepository, KeyReused, Made, Once};
pub use page::{COUNT_LIMIT, Listing, Order, Position, SortKey, Start, Total};
#[cfg(feature = "mocks")]
pub use random::MockRandom;
pub use random::Random;
pub use repositories::Repositories;
pub use text::{Line, Prose};
pub use version::{Expected, Version};
