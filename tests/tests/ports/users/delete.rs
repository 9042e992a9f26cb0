use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    DeleteIf, PasswordHash, PasswordUpdate, Role, RotationError, UserError, UserId,
};
use bookshelf_domain::books::OnConflict;
use bookshelf_domain::shelves::{
    Rating, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfFields, ShelfImportRow, WhenUnknown,
};
use bookshelf_tests::{AddBook, Store};

use super::{add, add_admin, add_named, becoming, change, found};
use crate::at_once::at_once;
use crate::sample::{book, every_book, moment, one_of};
use crate::sessions::{login, open, rotation};

contract! {
    a_long_shelf_is_shortened_by_its_oldest_entries,
    a_shelf_is_not_shortened_where_the_deletion_is_refused,
    a_deleted_user_is_gone,
    its_sessions_go_with_it,
    its_books_stay,
    a_missing_user_comes_before_a_stale_version,
    a_stale_version_comes_before_the_last_admin,
    the_last_admin_cannot_be_deleted,
    simultaneous_deletions_leave_an_admin,
    a_deletion_and_a_demotion_at_once_leave_an_admin,
    a_session_is_never_opened_for_a_user_deleted_meanwhile,
    a_user_is_deleted_while_its_password_is_the_verified_one,
    another_password_comes_before_the_last_admin,
    of_a_change_of_the_password_and_a_deletion_one_succeeds,
}

/// A shelf of a user with this many rated entries, of books of their own.
async fn shelve(store: &Store, user: UserId, count: usize) {
    let row = |number| ShelfImportRow {
        book: book(&format!("{number}"), "A"),
        fields: ShelfFields { rating: Some(Rating::new(4).unwrap()), ..ShelfFields::default() },
        added_at: None,
    };
    let batch = ShelfBatch {
        rows: (0..count).map(row).collect(),
        on_conflict: OnConflict::Skip,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        dry_run: false,
        at: moment(0),
    };
    store.shelves.import(user, batch).await.unwrap();
}

async fn shelved(store: &Store, user: UserId) -> Vec<String> {
    let entries = store.shelves.read_after(user, ShelfEntryId::new(0), 1_000).await.unwrap();
    entries.into_iter().map(|entry| entry.book.fields.title.into_string()).collect()
}

async fn a_long_shelf_is_shortened_by_its_oldest_entries(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    shelve(&store, other.id, 5).await;
    shelve(&store, user.id, 5).await;
    let shorten = |most| store.users.shorten_shelf(user.id, DeleteIf::Password(first_hash()), most);
    assert!(shorten(2).await.unwrap());
    assert_eq!(shelved(&store, user.id).await, ["2", "3", "4"]);
    assert!(shorten(2).await.unwrap());
    assert_eq!(shelved(&store, user.id).await, ["4"]);
    let by_version = DeleteIf::Version(one_of([1]));
    for most in [1, 2] {
        assert!(!shorten(most).await.unwrap());
        assert!(!store.users.shorten_shelf(user.id, by_version.clone(), most).await.unwrap());
    }
    assert_eq!(shelved(&store, user.id).await, ["4"]);
    assert_eq!(shelved(&store, other.id).await.len(), 5);
    let books = store.book_reader.list(every_book()).await.unwrap().items;
    let ratings: Vec<_> = books.iter().map(|book| (book.rating.sum, book.rating.count)).collect();
    assert_eq!(ratings, [(4, 1), (4, 1), (4, 1), (4, 1), (8, 2)]);
}

async fn a_shelf_is_not_shortened_where_the_deletion_is_refused(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    shelve(&store, admin.id, 3).await;
    let shorten = |condition| store.users.shorten_shelf(admin.id, condition, 1);
    let refused = shorten(DeleteIf::Password(PasswordHash::new("another"))).await;
    assert!(matches!(refused, Err(UserError::PasswordChanged)), "{refused:?}");
    let refused = shorten(DeleteIf::Version(one_of([2]))).await;
    assert!(matches!(refused, Err(UserError::Stale)), "{refused:?}");
    for condition in [DeleteIf::Password(first_hash()), DeleteIf::Version(Expected::Any)] {
        let refused = shorten(condition.clone()).await;
        assert!(matches!(refused, Err(UserError::LastAdmin { .. })), "{refused:?}");
        let missing = store.users.shorten_shelf(UserId::new(9), condition, 1).await;
        assert!(matches!(missing, Err(UserError::NotFound)), "{missing:?}");
    }
    assert_eq!(shelved(&store, admin.id).await.len(), 3);
}

fn first_hash() -> PasswordHash {
    super::user("a@example.com", Role::User).password_hash
}

async fn a_user_is_deleted_while_its_password_is_the_verified_one(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let session = open(&store, login(user.id, 1)).await;
    let answer = store.users.delete_verified(user.id, PasswordHash::new("another")).await;
    assert!(matches!(answer, Err(UserError::PasswordChanged)), "{answer:?}");
    assert_eq!(found(&store, user.id).await, user);
    store.users.delete_verified(user.id, first_hash()).await.unwrap();
    assert_eq!(store.users.find(user.id).await.unwrap(), None);
    assert_eq!(store.sessions.find(session.id).await.unwrap(), None);
    let answer = store.users.delete_verified(user.id, first_hash()).await;
    assert!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
}

async fn another_password_comes_before_the_last_admin(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    let answer = store.users.delete_verified(admin.id, PasswordHash::new("another")).await;
    assert!(matches!(answer, Err(UserError::PasswordChanged)), "{answer:?}");
    let answer = store.users.delete_verified(admin.id, first_hash()).await;
    assert!(matches!(answer, Err(UserError::LastAdmin { .. })), "{answer:?}");
    assert_eq!(found(&store, admin.id).await, admin);
}

async fn of_a_change_of_the_password_and_a_deletion_one_succeeds(store: Store) {
    for round in 0..10 {
        let user = add(&store, &format!("{round}@example.com")).await;
        let update = PasswordUpdate {
            id: user.id,
            verified: first_hash(),
            new: PasswordHash::new("second hash"),
            keep: None,
            at: moment(1),
        };
        let answers = at_once(2, |number| {
            let (users, update) = (store.users.clone(), update.clone());
            async move {
                match number {
                    0 => users.set_password(update).await,
                    _ => users.delete_verified(update.id, update.verified).await,
                }
            }
        })
        .await;
        assert!(answers[0].is_ok() != answers[1].is_ok(), "{answers:?}");
        assert_eq!(store.users.find(user.id).await.unwrap().is_some(), answers[0].is_ok());
    }
}

async fn a_deleted_user_is_gone(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let other = add(&store, "b@example.com").await;
    store.users.delete(user.id, one_of([1])).await.unwrap();
    assert_eq!(store.users.find(user.id).await.unwrap(), None);
    assert_eq!(store.users.credentials(user.id).await.unwrap(), None);
    assert_eq!(store.users.find_by_email(user.email).await.unwrap(), None);
    assert_eq!(found(&store, other.id).await, other);
    // Its email and its username are free.
    let again = add_named(&store, "a@example.com", "ann").await;
    assert!(again.id > other.id);
}

async fn its_sessions_go_with_it(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let session = open(&store, login(user.id, 1)).await;
    let kept = open(&store, login(other.id, 2)).await;
    store.sessions.rotate(rotation(1, 3, 10)).await.unwrap();
    store.users.delete(user.id, Expected::Any).await.unwrap();
    assert_eq!(store.sessions.find(session.id).await.unwrap(), None);
    assert_eq!(store.sessions.list_live(user.id, moment(11)).await.unwrap(), []);
    for token in [1, 3] {
        let answer = store.sessions.rotate(rotation(token, 4, 12)).await;
        assert!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    }
    assert_eq!(store.sessions.find(kept.id).await.unwrap().unwrap().session, kept);
}

async fn its_books_stay(store: Store) {
    let user = add(&store, "a@example.com").await;
    let book = store.books.add(book("A", "B"), moment(0)).await.unwrap();
    store.users.delete(user.id, Expected::Any).await.unwrap();
    assert_eq!(store.book_reader.find(book.id).await.unwrap(), Some(book));
}

async fn a_missing_user_comes_before_a_stale_version(store: Store) {
    for expected in [Expected::Any, one_of([]), one_of([1])] {
        let answer = store.users.delete(UserId::new(1), expected).await;
        assert!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
    }
}

async fn a_stale_version_comes_before_the_last_admin(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    for expected in [one_of([]), one_of([2])] {
        let answer = store.users.delete(admin.id, expected).await;
        assert!(matches!(answer, Err(UserError::Stale)), "{answer:?}");
    }
    assert_eq!(found(&store, admin.id).await, admin);
}

async fn the_last_admin_cannot_be_deleted(store: Store) {
    let first = add_admin(&store, "a@example.com").await;
    let user = add(&store, "plain@example.com").await;
    let answer = store.users.delete(first.id, Expected::Any).await;
    assert!(matches!(answer, Err(UserError::LastAdmin { is }) if is == first.id), "{answer:?}");
    assert_eq!(found(&store, first.id).await, first);
    store.users.delete(user.id, Expected::Any).await.unwrap();
    let second = add_admin(&store, "b@example.com").await;
    store.users.delete(first.id, Expected::Any).await.unwrap();
    assert!(store.users.delete(second.id, Expected::Any).await.is_err());
}

async fn simultaneous_deletions_leave_an_admin(store: Store) {
    let mut admins = Vec::new();
    for number in 0..20 {
        admins.push(add_admin(&store, &format!("{number}@example.com")).await);
    }
    let answers = at_once(20, |number| {
        let (users, id) = (store.users.clone(), admins[number].id);
        async move { users.delete(id, Expected::Any).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 19);
    let refused =
        answers.iter().filter(|answer| matches!(answer, Err(UserError::LastAdmin { .. })));
    assert_eq!(refused.count(), 1);
}

async fn a_deletion_and_a_demotion_at_once_leave_an_admin(store: Store) {
    let mut left = add_admin(&store, "0@example.com").await;
    for round in 1..=10 {
        let other = add_admin(&store, &format!("{round}@example.com")).await;
        let (demotion, id) = (change(&left, becoming(Role::User)), other.id);
        let succeeded = at_once(2, |number| {
            let (users, demotion) = (store.users.clone(), demotion.clone());
            async move {
                match number {
                    0 => users.update(demotion).await.is_ok(),
                    _ => users.delete(id, Expected::Any).await.is_ok(),
                }
            }
        })
        .await;
        assert_eq!(succeeded.into_iter().filter(|succeeded| *succeeded).count(), 1);
        if found(&store, left.id).await.role == Role::User {
            left = other;
        }
    }
}

async fn a_session_is_never_opened_for_a_user_deleted_meanwhile(store: Store) {
    let user = add(&store, "a@example.com").await;
    let opened = at_once(32, |number| {
        let (users, sessions) = (store.users.clone(), store.sessions.clone());
        let login = login(user.id, u8::try_from(number).unwrap());
        async move {
            if number == 16 {
                users.delete(login.user_id, Expected::Any).await.unwrap();
                return None;
            }
            sessions.open(login).await.unwrap()
        }
    })
    .await;
    for session in opened.into_iter().flatten() {
        assert_eq!(store.sessions.find(session.id).await.unwrap(), None);
    }
}
