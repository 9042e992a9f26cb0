//! Adapters of the accounts' ports.

mod bcrypt;

pub use bcrypt::BcryptPasswordHasher;
