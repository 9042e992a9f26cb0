//! What every repository promises of an [`IdempotencyKey`], and `IdempotencyRepository` of what is
//! stored under one.

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
use bookshelf_tests::Store;
use chrono::TimeDelta;

use crate::api_keys::new as new_key;
use crate::at_once::at_once;
use crate::invites::new as new_invite;
use crate::sample::{book, moment};
use crate::users::{add as add_user, user};

contract!(
    the_resource_is_returned_again_as_it_was_created,
    a_known_key_with_another_fingerprint_creates_nothing,
    a_failure_stores_nothing,
    a_key_is_free_again_after_its_lifetime,
    of_simultaneous_requests_one_creates_the_resource,
    a_purge_deletes_old_keys_up_to_its_limit,
    a_user_is_created_once_before_its_email_is_looked_up,
    an_api_key_is_created_once_and_its_secret_returned_again,
    what_was_created_under_a_key_is_found,
    a_shelf_entry_is_created_once,
);

fn key(lookup: u8, fingerprint: u8) -> Option<IdempotencyKey> {
    Some(IdempotencyKey {
        lookup: [lookup; 32],
        secret: [lookup ^ 0xff; 32],
        fingerprint: [fingerprint; 32],
    })
}

async fn add(
    store: &Store,
    idempotency_key: Option<IdempotencyKey>,
    at: Timestamp,
) -> Result<Made<Book>, BookError> {
    store.books.insert(NewBook { fields: book("A", "B"), at, idempotency_key }).await
}

fn was_made_now<T>(made: &Made<T>) -> bool {
    matches!(made, Made::Now(_))
}

async fn books(store: &Store) -> usize {
    store.books.read_after(BookId::new(0), 100).await.unwrap().len()
}

async fn the_resource_is_returned_again_as_it_was_created(store: Store) {
    let Made::Now(made) = add(&store, key(1, 1), moment(0)).await.unwrap() else {
        panic!("nothing was stored before");
    };
    let patch =
        BookPatch { genre: Change::Set(Line::parse("Drama").unwrap()), ..BookPatch::default() };
    let update = BookUpdate { id: made.id, expected: Expected::Any, patch, at: moment(1) };
    store.books.update(update).await.unwrap();
    let again = add(&store, key(1, 1), moment(2)).await.unwrap();
    assert_eq!(again, Made::Before(made.clone()));
    store.books.delete(made.id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert_eq!(add(&store, key(1, 1), moment(3)).await.unwrap(), Made::Before(made));
    assert_eq!(books(&store).await, 0);
}

async fn a_known_key_with_another_fingerprint_creates_nothing(store: Store) {
    add(&store, key(1, 1), moment(0)).await.unwrap();
    let refused = add(&store, key(1, 2), moment(0)).await;
    assert!(matches!(refused, Err(BookError::KeyReused(_))), "{refused:?}");
    assert_eq!(books(&store).await, 1);
}

async fn a_failure_stores_nothing(store: Store) {
    let mut fields = book("A", "B");
    fields.isbn = Isbn::parse("9780132350884").ok();
    let new = |idempotency_key| NewBook { fields: fields.clone(), at: moment(0), idempotency_key };
    let holder = store.books.insert(new(None)).await.unwrap().into_inner();
    let taken = store.books.insert(new(key(1, 1))).await;
    assert!(matches!(taken, Err(BookError::IsbnTaken { by }) if by == holder.id), "{taken:?}");
    store.books.delete(holder.id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert!(was_made_now(&store.books.insert(new(key(1, 1))).await.unwrap()));
}

async fn a_key_is_free_again_after_its_lifetime(store: Store) {
    let start = moment(0);
    add(&store, key(1, 1), start).await.unwrap();
    let last = start + IdempotencyKey::LIFETIME - TimeDelta::microseconds(1);
    assert!(!was_made_now(&add(&store, key(1, 1), last).await.unwrap()));
    let after = start + IdempotencyKey::LIFETIME;
    assert!(was_made_now(&add(&store, key(1, 2), after).await.unwrap()));
    assert_eq!(books(&store).await, 2);
}

async fn of_simultaneous_requests_one_creates_the_resource(store: Store) {
    let repository = store.books.clone();
    let outcomes = at_once(32, move |_| {
        let repository = repository.clone();
        let idempotency_key = key(1, 1);
        let new = NewBook { fields: book("A", "B"), at: moment(0), idempotency_key };
        async move { repository.insert(new).await.unwrap() }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|made| was_made_now(made)).count(), 1);
    let first = outcomes[0].clone().into_inner();
    assert!(outcomes.into_iter().all(|made| made.into_inner() == first));
    assert_eq!(books(&store).await, 1);
}

async fn a_purge_deletes_old_keys_up_to_its_limit(store: Store) {
    for number in 0..5 {
        add(&store, key(number, 0), moment(number.into())).await.unwrap();
    }
    assert_eq!(store.idempotency.purge(moment(3), 2).await.unwrap(), 2);
    assert_eq!(store.idempotency.purge(moment(3), 2).await.unwrap(), 1);
    assert_eq!(store.idempotency.purge(moment(3), 2).await.unwrap(), 0);
    assert!(!was_made_now(&add(&store, key(3, 0), moment(5)).await.unwrap()));
    assert!(was_made_now(&add(&store, key(2, 0), moment(5)).await.unwrap()));
}

async fn a_user_is_created_once_before_its_email_is_looked_up(store: Store) {
    let new = |lookup, fingerprint| NewUser {
        idempotency_key: key(lookup, fingerprint),
        ..user("a@example.com", Role::User)
    };
    let made = store.users.insert(new(1, 1)).await.unwrap().into_inner();
    assert_eq!(store.users.insert(new(1, 1)).await.unwrap(), Made::Before(made));
    let refused = store.users.insert(new(1, 2)).await;
    assert!(matches!(refused, Err(UserError::KeyReused(_))), "{refused:?}");
    let taken = store.users.insert(new(2, 1)).await;
    assert!(matches!(taken, Err(UserError::EmailTaken { .. })), "{taken:?}");
}

async fn an_api_key_is_created_once_and_its_secret_returned_again(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let repository = store.api_keys.clone();
    let made = at_once(8, move |number| {
        let repository = repository.clone();
        let new =
            NewApiKey { idempotency_key: key(1, 1), ..new_key(owner.id, &format!("bks_{number}")) };
        async move { repository.insert(new).await.unwrap().into_inner() }
    })
    .await;
    let keys = store.api_keys.list(owner.id).await.unwrap();
    assert_eq!(keys.len(), 1);
    for CreatedApiKey { key, secret } in &made {
        assert_eq!(*key, keys[0]);
        assert_eq!(*secret, made[0].secret);
        assert!(secret.starts_with(&key.prefix));
    }
}

async fn what_was_created_under_a_key_is_found(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let found =
        async |fingerprint, at| store.api_keys.find_created(key(1, fingerprint).unwrap(), at).await;
    let new = NewApiKey { idempotency_key: key(1, 1), ..new_key(owner.id, "bks_a") };
    let at = new.at;
    assert_eq!(found(1, at).await.unwrap(), None);
    let made = store.api_keys.insert(new).await.unwrap().into_inner();
    assert_eq!(found(1, at).await.unwrap(), Some(made));
    assert!(matches!(found(2, at).await, Err(ApiKeyError::KeyReused(_))));
    assert_eq!(found(1, at + IdempotencyKey::LIFETIME).await.unwrap(), None);

    let found =
        async |fingerprint, at| store.invites.find_created(key(2, fingerprint).unwrap(), at).await;
    let new = NewInvite { idempotency_key: key(2, 1), ..new_invite(owner.id, 1) };
    let at = new.at;
    assert_eq!(found(1, at).await.unwrap(), None);
    let made = store.invites.insert(new).await.unwrap().into_inner();
    assert_eq!(found(1, at).await.unwrap(), Some(made));
    assert!(matches!(found(2, at).await, Err(InviteError::KeyReused(_))));
    assert_eq!(found(1, at + IdempotencyKey::LIFETIME).await.unwrap(), None);
}

async fn a_shelf_entry_is_created_once(store: Store) {
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
    let made = store.shelves.insert(new(1)).await.unwrap().into_inner();
    assert_eq!(store.shelves.insert(new(1)).await.unwrap(), Made::Before(made));
    let refused = store.shelves.insert(new(2)).await;
    assert!(matches!(refused, Err(ShelfError::KeyReused(_))), "{refused:?}");
    assert_eq!(books(&store).await, 1);
}
