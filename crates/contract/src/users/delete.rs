use bookshelf_domain::Expected;
use bookshelf_domain::accounts::{
    DeleteIf, PasswordHash, PasswordUpdate, Role, RotationError, UserError, UserId,
};
use bookshelf_domain::books::OnConflict;
use bookshelf_domain::shelves::{
    Rating, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfFields, ShelfImportRow, WhenUnknown,
};

use super::{add, add_admin, add_named, becoming, change, found};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, book, every_book, moment, one_of};
use crate::saw::Must;
use crate::sessions::{login, open, rotation};

/// A shelf of a user with this many rated entries, of books of their own.
async fn shelve(store: &Store, user: UserId, count: usize) {
    let row = |number| ShelfImportRow {
        book: book(&format!("{number}"), "A"),
        fields: ShelfFields { rating: Some(Rating::new(4).must()), ..ShelfFields::default() },
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
    store.shelves.import(user, batch).await.must();
}

async fn shelved(store: &Store, user: UserId) -> Vec<String> {
    let entries = store.shelves.read_after(user, ShelfEntryId::new(0), 1_000).await.must();
    entries.into_iter().map(|entry| entry.book.fields.title.into_string()).collect()
}

pub(super) async fn a_long_shelf_is_shortened_by_its_oldest_entries(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    shelve(&store, other.id, 5).await;
    shelve(&store, user.id, 5).await;
    let shorten = |most| store.users.shorten_shelf(user.id, DeleteIf::Password(first_hash()), most);
    ensure!(shorten(2).await.must());
    ensure_eq!(shelved(&store, user.id).await, ["2", "3", "4"]);
    ensure!(shorten(2).await.must());
    ensure_eq!(shelved(&store, user.id).await, ["4"]);
    let by_version = DeleteIf::Version(one_of([1]));
    for most in [1, 2] {
        ensure!(!shorten(most).await.must());
        ensure!(!store.users.shorten_shelf(user.id, by_version.clone(), most).await.must());
    }
    ensure_eq!(shelved(&store, user.id).await, ["4"]);
    ensure_eq!(shelved(&store, other.id).await.len(), 5);
    let books = store.book_reader.list(every_book()).await.must().items;
    let ratings: Vec<_> = books.iter().map(|book| (book.rating.sum, book.rating.count)).collect();
    ensure_eq!(ratings, [(4, 1), (4, 1), (4, 1), (4, 1), (8, 2)]);
}

pub(super) async fn a_shelf_is_not_shortened_where_the_deletion_is_refused(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    shelve(&store, admin.id, 3).await;
    let shorten = |condition| store.users.shorten_shelf(admin.id, condition, 1);
    let refused = shorten(DeleteIf::Password(PasswordHash::new("another"))).await;
    ensure!(matches!(refused, Err(UserError::PasswordChanged)), "{refused:?}");
    let refused = shorten(DeleteIf::Version(one_of([2]))).await;
    ensure!(matches!(refused, Err(UserError::Stale)), "{refused:?}");
    for condition in [DeleteIf::Password(first_hash()), DeleteIf::Version(Expected::Any)] {
        let refused = shorten(condition.clone()).await;
        ensure!(matches!(refused, Err(UserError::LastAdmin { .. })), "{refused:?}");
        let missing = store.users.shorten_shelf(UserId::new(9), condition, 1).await;
        ensure!(matches!(missing, Err(UserError::NotFound)), "{missing:?}");
    }
    ensure_eq!(shelved(&store, admin.id).await.len(), 3);
}

fn first_hash() -> PasswordHash {
    super::user("a@example.com", Role::User).password_hash
}

pub(super) async fn a_user_is_deleted_while_its_password_is_the_verified_one(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let session = open(&store, login(user.id, 1)).await;
    let answer = store.users.delete_verified(user.id, PasswordHash::new("another")).await;
    ensure!(matches!(answer, Err(UserError::PasswordChanged)), "{answer:?}");
    ensure_eq!(found(&store, user.id).await, user);
    store.users.delete_verified(user.id, first_hash()).await.must();
    ensure_eq!(store.users.find(user.id).await.must(), None);
    ensure_eq!(store.sessions.find(session.id).await.must(), None);
    let answer = store.users.delete_verified(user.id, first_hash()).await;
    ensure!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
}

pub(super) async fn another_password_comes_before_the_last_admin(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    let answer = store.users.delete_verified(admin.id, PasswordHash::new("another")).await;
    ensure!(matches!(answer, Err(UserError::PasswordChanged)), "{answer:?}");
    let answer = store.users.delete_verified(admin.id, first_hash()).await;
    ensure!(matches!(answer, Err(UserError::LastAdmin { .. })), "{answer:?}");
    ensure_eq!(found(&store, admin.id).await, admin);
}

pub(super) async fn of_a_change_of_the_password_and_a_deletion_one_succeeds(store: Store) {
    for round in 0..10 {
        let user = add(&store, &format!("{round}@example.com")).await;
        let update = PasswordUpdate {
            id: user.id,
            verified: first_hash(),
            new: PasswordHash::new("second hash"),
            keep: None,
            at: moment(1),
        };
        let answers = store
            .at_once(2, |number| {
                let (users, update) = (store.users.clone(), update.clone());
                async move {
                    match number {
                        0 => users.set_password(update).await,
                        _ => users.delete_verified(update.id, update.verified).await,
                    }
                }
            })
            .await;
        ensure!(answers[0].is_ok() != answers[1].is_ok(), "{answers:?}");
        ensure_eq!(store.users.find(user.id).await.must().is_some(), answers[0].is_ok());
    }
}

pub(super) async fn a_deleted_user_is_gone(store: Store) {
    let user = add_named(&store, "a@example.com", "ann").await;
    let other = add(&store, "b@example.com").await;
    store.users.delete(user.id, one_of([1])).await.must();
    ensure_eq!(store.users.find(user.id).await.must(), None);
    ensure_eq!(store.users.credentials(user.id).await.must(), None);
    ensure_eq!(store.users.find_by_email(user.email).await.must(), None);
    ensure_eq!(found(&store, other.id).await, other);
    // Its email and its username are free.
    let again = add_named(&store, "a@example.com", "ann").await;
    ensure!(again.id > other.id);
}

pub(super) async fn its_sessions_go_with_it(store: Store) {
    let (user, other) = (add(&store, "a@example.com").await, add(&store, "b@example.com").await);
    let session = open(&store, login(user.id, 1)).await;
    let kept = open(&store, login(other.id, 2)).await;
    store.sessions.rotate(rotation(1, 3, 10)).await.must();
    store.users.delete(user.id, Expected::Any).await.must();
    ensure_eq!(store.sessions.find(session.id).await.must(), None);
    ensure_eq!(store.sessions.list_live(user.id, moment(11)).await.must(), []);
    for token in [1, 3] {
        let answer = store.sessions.rotate(rotation(token, 4, 12)).await;
        ensure!(matches!(answer, Err(RotationError::Unknown)), "{answer:?}");
    }
    ensure_eq!(store.sessions.find(kept.id).await.must().must().session, kept);
}

pub(super) async fn its_books_stay(store: Store) {
    let user = add(&store, "a@example.com").await;
    let book = store.books.add(book("A", "B"), moment(0)).await.must();
    store.users.delete(user.id, Expected::Any).await.must();
    ensure_eq!(store.book_reader.find(book.id).await.must(), Some(book));
}

pub(super) async fn a_missing_user_comes_before_a_stale_version(store: Store) {
    for expected in [Expected::Any, one_of([]), one_of([1])] {
        let answer = store.users.delete(UserId::new(1), expected).await;
        ensure!(matches!(answer, Err(UserError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn a_stale_version_comes_before_the_last_admin(store: Store) {
    let admin = add_admin(&store, "a@example.com").await;
    for expected in [one_of([]), one_of([2])] {
        let answer = store.users.delete(admin.id, expected).await;
        ensure!(matches!(answer, Err(UserError::Stale)), "{answer:?}");
    }
    ensure_eq!(found(&store, admin.id).await, admin);
}

pub(super) async fn the_last_admin_cannot_be_deleted(store: Store) {
    let first = add_admin(&store, "a@example.com").await;
    let user = add(&store, "plain@example.com").await;
    let answer = store.users.delete(first.id, Expected::Any).await;
    ensure!(matches!(answer, Err(UserError::LastAdmin { is }) if is == first.id), "{answer:?}");
    ensure_eq!(found(&store, first.id).await, first);
    store.users.delete(user.id, Expected::Any).await.must();
    let second = add_admin(&store, "b@example.com").await;
    store.users.delete(first.id, Expected::Any).await.must();
    ensure!(store.users.delete(second.id, Expected::Any).await.is_err());
}

pub(super) async fn simultaneous_deletions_leave_an_admin(store: Store) {
    let mut admins = Vec::new();
    for number in 0..20 {
        admins.push(add_admin(&store, &format!("{number}@example.com")).await);
    }
    let answers = store
        .at_once(20, |number| {
            let (users, id) = (store.users.clone(), admins[number].id);
            async move { users.delete(id, Expected::Any).await }
        })
        .await;
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 19);
    let refused =
        answers.iter().filter(|answer| matches!(answer, Err(UserError::LastAdmin { .. })));
    ensure_eq!(refused.count(), 1);
}

pub(super) async fn a_deletion_and_a_demotion_at_once_leave_an_admin(store: Store) {
    let mut left = add_admin(&store, "0@example.com").await;
    for round in 1..=10 {
        let other = add_admin(&store, &format!("{round}@example.com")).await;
        let (demotion, id) = (change(&left, becoming(Role::User)), other.id);
        let succeeded = store
            .at_once(2, |number| {
                let (users, demotion) = (store.users.clone(), demotion.clone());
                async move {
                    match number {
                        0 => users.update(demotion).await.is_ok(),
                        _ => users.delete(id, Expected::Any).await.is_ok(),
                    }
                }
            })
            .await;
        ensure_eq!(succeeded.into_iter().filter(|succeeded| *succeeded).count(), 1);
        if found(&store, left.id).await.role == Role::User {
            left = other;
        }
    }
}

pub(super) async fn a_session_is_never_opened_for_a_user_deleted_meanwhile(store: Store) {
    let user = add(&store, "a@example.com").await;
    let opened = store
        .at_once(32, |number| {
            let (users, sessions) = (store.users.clone(), store.sessions.clone());
            let login = login(user.id, u8::try_from(number).must());
            async move {
                if number == 16 {
                    users.delete(login.user_id, Expected::Any).await.must();
                    return None;
                }
                sessions.open(login).await.must()
            }
        })
        .await;
    for session in opened.into_iter().flatten() {
        ensure_eq!(store.sessions.find(session.id).await.must(), None);
    }
}
