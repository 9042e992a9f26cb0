#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod accounts;
pub mod api_keys;
pub mod books;
pub mod covers;
pub mod fold;
pub mod invites;
pub mod limits;
pub mod shelves;

mod change;
mod draft;
mod error;
mod fault;
mod id;
mod idempotency;
mod page;
mod repositories;
mod system;
mod text;
mod version;

pub use change::Change;
pub use error::{StoreError, error_chain};
pub use fault::{Fault, FaultCode, Faults};
pub use fold::{CollationKey, Folded, SearchText};
pub use id::Id;
#[cfg(feature = "mocks")]
pub use idempotency::MockIdempotencyRepository;
pub use idempotency::{IdempotencyKey, IdempotencyRepository, KeyReused, Made};
pub use page::{COUNT_LIMIT, Listing, Order, Position, SortKey, SortKeyType, Start, Total};
pub use repositories::Repositories;
pub use system::{Clock, Random, Timestamp};
#[cfg(feature = "mocks")]
pub use system::{MockClock, MockRandom};
pub use text::{Line, Prose, shows_nothing};
pub use version::{Expected, Version};
