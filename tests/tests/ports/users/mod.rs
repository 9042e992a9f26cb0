mod delete;
mod find;
mod insert;
mod list;
mod set_password;
mod update;

use bookshelf_domain::accounts::{
    Email, NewUser, PasswordHash, Role, User, UserId, UserPatch, UserUpdate, Username,
};
use bookshelf_domain::{Change, Expected};
use bookshelf_tests::{AddUser, Store};

use crate::sample::moment;

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

/// A user of this email and role and nothing else.
pub(crate) fn user(address: &str, role: Role) -> NewUser {
    NewUser {
        email: email(address),
        username: None,
        name: None,
        role,
        password_hash: PasswordHash::new("first hash"),
        at: moment(0),
        idempotency_key: None,
    }
}

/// Adds a plain user.
pub(crate) async fn add(store: &Store, address: &str) -> User {
    store.users.add(user(address, Role::User)).await.unwrap()
}

async fn add_admin(store: &Store, address: &str) -> User {
    store.users.add(user(address, Role::Admin)).await.unwrap()
}

async fn add_named(store: &Store, address: &str, name: &str) -> User {
    let new = NewUser { username: Some(username(name)), ..user(address, Role::User) };
    store.users.add(new).await.unwrap()
}

async fn found(store: &Store, id: UserId) -> User {
    store.users.find(id).await.unwrap().unwrap()
}

fn change(user: &User, patch: UserPatch) -> UserUpdate {
    UserUpdate { id: user.id, expected: Expected::Any, patch, at: moment(60) }
}

fn called(name: &str) -> UserPatch {
    UserPatch { username: Change::Set(username(name)), ..UserPatch::default() }
}

fn becoming(role: Role) -> UserPatch {
    UserPatch { role: Some(role), ..UserPatch::default() }
}
