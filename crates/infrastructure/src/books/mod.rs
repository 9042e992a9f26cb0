//! The parts of the catalogue that are the same for both databases: its rows, its orders, and the
//! reader of a replica.

pub(crate) mod cover;
pub(crate) mod order;
mod replicated;
pub(crate) mod row;
#[cfg(test)]
pub(crate) mod tests;

pub use replicated::ReplicatedBookReader;
