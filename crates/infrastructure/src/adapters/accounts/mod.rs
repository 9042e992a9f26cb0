//! Users and their sessions.

mod session_rotation;
pub(crate) mod sessions;
pub(super) mod user_commands;
mod user_list;
pub(crate) mod users;

use super::{conditions, dialect, idempotency};
