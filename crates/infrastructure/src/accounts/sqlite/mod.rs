//! Accounts on SQLite.

mod session_rotation;
mod sessions;
#[cfg(test)]
mod tests;
mod user_list;
mod users;

pub use sessions::SqliteSessionRepository;
pub use users::SqliteUserRepository;
