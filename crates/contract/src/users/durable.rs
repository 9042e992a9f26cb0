use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{PasswordHash, PasswordUpdate, Role};

use super::{add, add_named, becoming, change, user};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::moment;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let ann = add_named(&store, "ann@example.com", "ann").await;
    let bob = add(&store, "bob@example.com").await;
    let ann = store.users.update(change(&ann, becoming(Role::Admin))).await.must();
    let new = PasswordHash::new("second hash");
    let verified = user("ann@example.com", Role::User).password_hash;
    let update =
        PasswordUpdate { id: ann.id, verified, new: new.clone(), keep: None, at: moment(2) };
    store.users.set_password(update).await.must();
    store.users.delete(bob.id, Expected::Any).await.must();
    let store = store.reopened().await;
    let stored = store.users.credentials(ann.id).await.must().must();
    ensure_eq!((stored.user, stored.password_hash), (ann, new));
    ensure_eq!(store.users.find(bob.id).await.must(), None);
}
