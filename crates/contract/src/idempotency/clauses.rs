use bookshelf_domain::accounts::{NewUser, Role, UserError};
use bookshelf_domain::api_keys::{ApiKeyError, CreatedApiKey, NewApiKey};
use bookshelf_domain::books::{
    Book, BookError, BookId, BookPatch, BookUpdate, Isbn, NewBook, WhenShelved,
};
use bookshelf_domain::invites::{InviteError, NewInvite};
use bookshelf_domain::shelves::{
    NewShelfEntry, ShelfEntry, ShelfError, ShelfFields, ShelfTarget, WhenUnknown,
};
use bookshelf_domain::{Change, Expected, IdempotencyKey, Line, Made, Timestamp};
use chrono::TimeDelta;

use crate::Store;
use crate::api_keys::clauses::new as new_key;
use crate::invites::clauses::new as new_invite;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{book, moment};
use crate::saw::Must;
use crate::users::{add as add_user, user};

pub(super) fn key(lookup: u8, fingerprint: u8) -> Option<IdempotencyKey> {
    Some(IdempotencyKey {
        lookup: [lookup; 32],
        secret: [lookup ^ 0xff; 32],
        fingerprint: [fingerprint; 32],
    })
}

pub(super) async fn add(
    store: &Store,
    idempotency_key: Option<IdempotencyKey>,
    at: Timestamp,
) -> Result<Made<Book>, BookError> {
    store.books.insert(NewBook { fields: book("A", "B"), at, idempotency_key }).await
}

fn was_made_now<T>(made: &Made<T>) -> bool {
    matches!(made, Made::Now(_))
}

pub(super) async fn books(store: &Store) -> usize {
    store.books.read_after(BookId::new(0), 100).await.must().len()
}

pub(super) async fn the_resource_is_returned_again_as_it_was_created(store: Store) {
    let Made::Now(made) = add(&store, key(1, 1), moment(0)).await.must() else {
        broken!("nothing was stored before");
    };
    let patch =
        BookPatch { genre: Change::Set(Line::parse("Drama").must()), ..BookPatch::default() };
    let update = BookUpdate { id: made.id, expected: Expected::Any, patch, at: moment(1) };
    store.books.update(update).await.must();
    let again = add(&store, key(1, 1), moment(2)).await.must();
    ensure_eq!(again, Made::Before(made.clone()));
    store.books.delete(made.id, Expected::Any, WhenShelved::Refuse).await.must();
    ensure_eq!(add(&store, key(1, 1), moment(3)).await.must(), Made::Before(made));
    ensure_eq!(books(&store).await, 0);
}

pub(super) async fn a_known_key_with_another_fingerprint_creates_nothing(store: Store) {
    add(&store, key(1, 1), moment(0)).await.must();
    let refused = add(&store, key(1, 2), moment(0)).await;
    ensure!(matches!(refused, Err(BookError::KeyReused(_))), "{refused:?}");
    ensure_eq!(books(&store).await, 1);
}

pub(super) async fn a_failure_stores_nothing(store: Store) {
    let mut fields = book("A", "B");
    fields.isbn = Isbn::parse("9780132350884").ok();
    let new = |idempotency_key| NewBook { fields: fields.clone(), at: moment(0), idempotency_key };
    let holder = store.books.insert(new(None)).await.must().into_inner();
    let taken = store.books.insert(new(key(1, 1))).await;
    ensure!(matches!(taken, Err(BookError::IsbnTaken { by }) if by == holder.id), "{taken:?}");
    store.books.delete(holder.id, Expected::Any, WhenShelved::Refuse).await.must();
    ensure!(was_made_now(&store.books.insert(new(key(1, 1))).await.must()));
}

pub(super) async fn a_key_is_free_again_after_its_lifetime(store: Store) {
    let start = moment(0);
    add(&store, key(1, 1), start).await.must();
    let last = start + IdempotencyKey::LIFETIME - TimeDelta::microseconds(1);
    ensure!(!was_made_now(&add(&store, key(1, 1), last).await.must()));
    let after = start + IdempotencyKey::LIFETIME;
    ensure!(was_made_now(&add(&store, key(1, 2), after).await.must()));
    ensure_eq!(books(&store).await, 2);
}

pub(super) async fn of_simultaneous_requests_one_creates_the_resource(store: Store) {
    let repository = store.books.clone();
    let outcomes = store
        .at_once(32, move |_| {
            let repository = repository.clone();
            let idempotency_key = key(1, 1);
            let new = NewBook { fields: book("A", "B"), at: moment(0), idempotency_key };
            async move { repository.insert(new).await.must() }
        })
        .await;
    ensure_eq!(outcomes.iter().filter(|made| was_made_now(made)).count(), 1);
    let first = outcomes[0].clone().into_inner();
    ensure!(outcomes.into_iter().all(|made| made.into_inner() == first));
    ensure_eq!(books(&store).await, 1);
}

pub(super) async fn a_purge_deletes_old_keys_up_to_its_limit(store: Store) {
    for number in 0..5 {
        add(&store, key(number, 0), moment(number.into())).await.must();
    }
    ensure_eq!(store.idempotency.purge(moment(3), 2).await.must(), 2);
    ensure_eq!(store.idempotency.purge(moment(3), 2).await.must(), 1);
    ensure_eq!(store.idempotency.purge(moment(3), 2).await.must(), 0);
    ensure!(!was_made_now(&add(&store, key(3, 0), moment(5)).await.must()));
    ensure!(was_made_now(&add(&store, key(2, 0), moment(5)).await.must()));
}

pub(super) async fn a_user_is_created_once_before_its_email_is_looked_up(store: Store) {
    let new = |lookup, fingerprint| NewUser {
        idempotency_key: key(lookup, fingerprint),
        ..user("a@example.com", Role::User)
    };
    let made = store.users.insert(new(1, 1)).await.must().into_inner();
    ensure_eq!(store.users.insert(new(1, 1)).await.must(), Made::Before(made));
    let refused = store.users.insert(new(1, 2)).await;
    ensure!(matches!(refused, Err(UserError::KeyReused(_))), "{refused:?}");
    let taken = store.users.insert(new(2, 1)).await;
    ensure!(matches!(taken, Err(UserError::EmailTaken { .. })), "{taken:?}");
}

pub(super) async fn an_api_key_is_created_once_and_its_secret_returned_again(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let repository = store.api_keys.clone();
    let made = store
        .at_once(8, move |number| {
            let repository = repository.clone();
            let new = NewApiKey {
                idempotency_key: key(1, 1),
                ..new_key(owner.id, &format!("bks_{number}"))
            };
            async move { repository.insert(new).await.must().into_inner() }
        })
        .await;
    let keys = store.api_keys.list(owner.id).await.must();
    ensure_eq!(keys.len(), 1);
    for CreatedApiKey { key, secret } in &made {
        ensure_eq!(*key, keys[0]);
        ensure_eq!(*secret, made[0].secret);
        ensure!(secret.starts_with(&key.prefix));
    }
}

pub(super) async fn what_was_created_under_a_key_is_found(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let found =
        async |fingerprint, at| store.api_keys.find_created(key(1, fingerprint).must(), at).await;
    let new = NewApiKey { idempotency_key: key(1, 1), ..new_key(owner.id, "bks_a") };
    let at = new.at;
    ensure_eq!(found(1, at).await.must(), None);
    let made = store.api_keys.insert(new).await.must().into_inner();
    ensure_eq!(found(1, at).await.must(), Some(made));
    ensure!(matches!(found(2, at).await, Err(ApiKeyError::KeyReused(_))));
    ensure_eq!(found(1, at + IdempotencyKey::LIFETIME).await.must(), None);

    let found =
        async |fingerprint, at| store.invites.find_created(key(2, fingerprint).must(), at).await;
    let new = NewInvite { idempotency_key: key(2, 1), ..new_invite(owner.id, 1) };
    let at = new.at;
    ensure_eq!(found(1, at).await.must(), None);
    let made = store.invites.insert(new).await.must().into_inner();
    ensure_eq!(found(1, at).await.must(), Some(made));
    ensure!(matches!(found(2, at).await, Err(InviteError::KeyReused(_))));
    ensure_eq!(found(1, at + IdempotencyKey::LIFETIME).await.must(), None);
}

pub(super) async fn a_shelf_entry_is_created_once(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let new = |fingerprint| NewShelfEntry {
        user_id: owner.id,
        target: ShelfTarget::Described(Box::new(book("A", "B"))),
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        fields: ShelfFields::default(),
        at: moment(0),
        idempotency_key: key(1, fingerprint),
    };
    let made = store.shelves.insert(new(1)).await.must().into_inner();
    ensure_eq!(store.shelves.insert(new(1)).await.must(), Made::Before(made));
    let refused = store.shelves.insert(new(2)).await;
    ensure!(matches!(refused, Err(ShelfError::KeyReused(_))), "{refused:?}");
    ensure_eq!(books(&store).await, 1);
}
