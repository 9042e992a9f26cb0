//! Accounts on PostgreSQL.

mod session_rotation;
mod sessions;
mod user_list;
mod users;

pub use sessions::PostgresSessionRepository;
pub use users::PostgresUserRepository;
