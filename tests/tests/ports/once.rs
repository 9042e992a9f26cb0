//! What every repository promises of [`Once`], and `AnswerRepository` of what is remembered.

use std::sync::Arc;

use bookshelf_domain::accounts::{NewUser, Role, User, UserError};
use bookshelf_domain::api_keys::{ApiKey, NewApiKey};
use bookshelf_domain::books::{Book, BookError, NewBook, WhenShelved};
use bookshelf_domain::{AnswerError, Made, Once, Timestamp};
use bookshelf_tests::Store;
use chrono::TimeDelta;

use crate::api_keys::new as new_key;
use crate::at_once::at_once;
use crate::sample::{book, moment};
use crate::users::{add as add_user, user};

contract!(
    what_was_made_is_answered_again_to_the_byte,
    a_known_key_with_another_fingerprint_makes_nothing,
    what_fails_is_not_remembered,
    a_key_is_free_again_when_its_time_is_over,
    of_simultaneous_requests_one_makes_the_thing,
    a_purge_forgets_old_answers_up_to_its_limit,
    a_user_is_made_once_and_its_email_not_looked_for,
    an_api_key_is_made_once,
);

fn once(key: u8, fingerprint: u8, at: Timestamp) -> Option<Once<Book>> {
    once_with(key, fingerprint, at, |book: &Book| format!("book {}", book.id))
}

fn once_with<T>(
    key: u8,
    fingerprint: u8,
    at: Timestamp,
    answer: impl Fn(&T) -> String + Send + Sync + 'static,
) -> Option<Once<T>> {
    Some(Once {
        key: [key; 32],
        fingerprint: [fingerprint; 32],
        answer: Arc::new(move |made| answer(made).into_bytes()),
        at,
    })
}

async fn add(store: &Store, once: Option<Once<Book>>) -> Result<Made<Book>, BookError> {
    store.books.insert(NewBook { fields: book("A", "B"), at: moment(0), once }).await
}

async fn books(store: &Store) -> usize {
    store.books.read_after(0, 100).await.unwrap().len()
}

async fn what_was_made_is_answered_again_to_the_byte(store: Store) {
    let made = add(&store, once(1, 1, moment(0))).await.unwrap().now().unwrap();
    let answer = format!("book {}", made.id).into_bytes();
    let again = add(&store, once(1, 1, moment(1))).await.unwrap();
    assert_eq!(again, Made::Before(answer.clone()));
    assert_eq!(books(&store).await, 1);
    let found = store.answers.find([1; 32], [1; 32], moment(1)).await.unwrap();
    assert_eq!(found, Some(answer));
    assert_eq!(store.answers.find([2; 32], [1; 32], moment(1)).await.unwrap(), None);
}

async fn a_known_key_with_another_fingerprint_makes_nothing(store: Store) {
    add(&store, once(1, 1, moment(0))).await.unwrap();
    let refused = add(&store, once(1, 2, moment(0))).await;
    assert!(matches!(refused, Err(BookError::KeyReused(_))), "{refused:?}");
    let found = store.answers.find([1; 32], [2; 32], moment(0)).await;
    assert!(matches!(found, Err(AnswerError::KeyReused(_))), "{found:?}");
    assert_eq!(books(&store).await, 1);
}

async fn what_fails_is_not_remembered(store: Store) {
    let mut fields = book("A", "B");
    fields.isbn = bookshelf_domain::books::Isbn::parse("9780132350884").ok();
    let new = |once| NewBook { fields: fields.clone(), at: moment(0), once };
    let holder = store.books.insert(new(None)).await.unwrap().now().unwrap();
    let taken = store.books.insert(new(once(1, 1, moment(0)))).await;
    assert!(matches!(taken, Err(BookError::IsbnTaken { by }) if by == holder.id), "{taken:?}");
    assert_eq!(store.answers.find([1; 32], [1; 32], moment(0)).await.unwrap(), None);
    store
        .books
        .delete(holder.id, bookshelf_domain::Expected::Any, WhenShelved::Refuse)
        .await
        .unwrap();
    assert!(store.books.insert(new(once(1, 1, moment(0)))).await.unwrap().now().is_some());
}

async fn a_key_is_free_again_when_its_time_is_over(store: Store) {
    let start = moment(0);
    add(&store, once(1, 1, start)).await.unwrap();
    let last = start + Once::<Book>::KEPT - TimeDelta::microseconds(1);
    assert!(add(&store, once(1, 1, last)).await.unwrap().now().is_none());
    let after = start + Once::<Book>::KEPT;
    assert!(add(&store, once(1, 2, after)).await.unwrap().now().is_some());
    assert_eq!(books(&store).await, 2);
}

async fn of_simultaneous_requests_one_makes_the_thing(store: Store) {
    let repository = store.books.clone();
    let outcomes = at_once(32, move |_| {
        let repository = repository.clone();
        let new = NewBook { fields: book("A", "B"), at: moment(0), once: once(1, 1, moment(0)) };
        async move { repository.insert(new).await.unwrap().now().is_some() }
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(books(&store).await, 1);
}

async fn a_purge_forgets_old_answers_up_to_its_limit(store: Store) {
    for key in 0..5 {
        add(&store, once(key, 0, moment(key.into()))).await.unwrap();
    }
    assert_eq!(store.answers.purge(moment(3), 2).await.unwrap(), 2);
    assert_eq!(store.answers.purge(moment(3), 2).await.unwrap(), 1);
    assert_eq!(store.answers.purge(moment(3), 2).await.unwrap(), 0);
    assert!(store.answers.find([3; 32], [0; 32], moment(5)).await.unwrap().is_some());
}

async fn a_user_is_made_once_and_its_email_not_looked_for(store: Store) {
    let new = |key, fingerprint| NewUser {
        once: once_with(key, fingerprint, moment(0), |user: &User| format!("user {}", user.id)),
        ..user("a@example.com", Role::User)
    };
    let made = store.users.insert(new(1, 1)).await.unwrap().now().unwrap();
    let again = store.users.insert(new(1, 1)).await.unwrap();
    assert_eq!(again, Made::Before(format!("user {}", made.id).into_bytes()));
    let refused = store.users.insert(new(1, 2)).await;
    assert!(matches!(refused, Err(UserError::KeyReused(_))), "{refused:?}");
    let taken = store.users.insert(new(2, 1)).await;
    assert!(matches!(taken, Err(UserError::EmailTaken)), "{taken:?}");
    assert_eq!(store.answers.find([2; 32], [1; 32], moment(0)).await.unwrap(), None);
}

async fn an_api_key_is_made_once(store: Store) {
    let owner = add_user(&store, "a@example.com").await;
    let repository = store.api_keys.clone();
    let made = at_once(8, move |number| {
        let repository = repository.clone();
        let key = NewApiKey {
            once: once_with(1, 1, moment(0), |key: &ApiKey| format!("key {}", key.id)),
            ..new_key(owner.id, &format!("bks_{number}"))
        };
        async move { repository.insert(key).await.unwrap() }
    })
    .await;
    let keys = store.api_keys.list(owner.id).await.unwrap();
    assert_eq!(keys.len(), 1);
    for made in made {
        match made {
            Made::Now(key) => assert_eq!(key, keys[0]),
            Made::Before(answer) => assert_eq!(answer, format!("key {}", keys[0].id).into_bytes()),
        }
    }
}
