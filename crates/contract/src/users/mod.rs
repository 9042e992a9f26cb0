//! The accounts: [`UserRepository`](bookshelf_domain::accounts::UserRepository).
//!
//! The clauses also use `sessions`, `shelves`, `books` and `book_reader`, because a user is deleted
//! with its sessions and its shelf.

mod contract;
mod delete;
mod durable;
mod find;
mod insert;
mod list;
mod set_password;
mod update;

use bookshelf_domain::Repositories;
use bookshelf_domain::accounts::{NewUser, Role, User, UserId, UserPatch, UserUpdate, Username};
use bookshelf_domain::{Change, Expected};

use crate::Store;
use crate::macros::clauses;
use crate::sample::{AddUser, moment};
pub(crate) use crate::sample::{email, user};
use crate::saw::Must;
use crate::{Contract, IntoFixture, Report};

/// The clauses of this module.
pub fn contract() -> Contract<Repositories> {
    crate::users! { [clauses] }
}

/// Checks every clause of this module; see [`Contract::run`].
pub async fn run_all<F, Made>(factory: F) -> Report
where
    F: Fn() -> Made,
    Made: Future<Output: IntoFixture<Repositories>>,
{
    contract().run(factory).await
}

fn username(text: &str) -> Username {
    Username::parse(text).must()
}

/// Adds a plain user.
pub(crate) async fn add(store: &Store, address: &str) -> User {
    store.users.add(user(address, Role::User)).await.must()
}

async fn add_admin(store: &Store, address: &str) -> User {
    store.users.add(user(address, Role::Admin)).await.must()
}

async fn add_named(store: &Store, address: &str, name: &str) -> User {
    let new = NewUser { username: Some(username(name)), ..user(address, Role::User) };
    store.users.add(new).await.must()
}

async fn found(store: &Store, id: UserId) -> User {
    store.users.find(id).await.must().must()
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
