//! Values that the tests of several use cases need.

use bookshelf_domain::accounts::{Email, Role, SessionId, User, UserId};
use bookshelf_domain::{Timestamp, Version};

use crate::{AdminWriter, Caller, Owner, Reader, Writer};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T06:00:00Z".parse().unwrap()
}

pub(crate) fn user(id: i64, role: Role) -> User {
    User {
        id: UserId::new(id),
        email: Email::parse("ann@example.com").unwrap(),
        username: None,
        name: None,
        role,
        access_epoch: 1,
        version: Version::FIRST,
        created_at: now(),
        updated_at: now(),
    }
}

fn caller(role: Role) -> Caller {
    Caller::in_session(user(1, role), SessionId::new(9))
}

pub(crate) fn reader() -> Reader {
    caller(Role::User).into_reader().unwrap()
}

pub(crate) fn writer() -> Writer {
    caller(Role::User).into_writer().unwrap()
}

pub(crate) fn admin_writer() -> AdminWriter {
    caller(Role::Admin).into_admin_writer().unwrap()
}

pub(crate) fn owner(role: Role) -> Owner {
    caller(role).into_owner().unwrap()
}
