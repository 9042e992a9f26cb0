use bookshelf_domain::books::{
    Book, BookError, BookId, CoverUpdate, ExpectedCover, SeenCover, WhenShelved,
};
use bookshelf_domain::covers::{CoverFormat, CoverHash, CoverName};
use bookshelf_domain::{Expected, Version};

use super::{add, found};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::moment;
use crate::saw::Must;

fn cover(number: u8) -> CoverName {
    let hash = CoverHash::new([number; 32]);
    CoverName { hash, made_at: moment(number.into()), format: CoverFormat::Jpeg }
}

fn seen_book(version: i64) -> ExpectedCover {
    ExpectedCover::OneOf(vec![SeenCover::Book(Version::new(version))])
}

fn seen_cover(number: u8) -> ExpectedCover {
    ExpectedCover::OneOf(vec![SeenCover::Cover(cover(number).hash)])
}

async fn set(
    store: &Store,
    id: BookId,
    expected: ExpectedCover,
    cover: Option<CoverName>,
) -> Result<Book, BookError> {
    store.books.set_cover(CoverUpdate { id, expected, cover, at: moment(60) }).await
}

pub(super) async fn a_cover_is_there_until_it_is_taken_away(store: Store) {
    let (id, other) = (add(&store, "A").await.id, add(&store, "B").await);
    let png = CoverName { format: CoverFormat::Png, ..cover(3) };
    for name in [Some(cover(1)), Some(cover(2)), None, Some(png)] {
        let book = set(&store, id, ExpectedCover::Any, name).await.must();
        ensure_eq!(book.cover, name);
        ensure_eq!(found(&store, id).await, book);
    }
    ensure_eq!(found(&store, other.id).await, other);
}

pub(super) async fn a_change_of_the_cover_raises_the_version_and_sets_the_time(store: Store) {
    let before = add(&store, "A").await;
    for (step, name) in [Some(cover(1)), Some(cover(2)), None].into_iter().enumerate() {
        let old = Version::new(i64::try_from(step).must() + 1);
        let (version, expected) = (old.next(), seen_book(old.get()));
        let book = set(&store, before.id, expected, name).await.must();
        ensure_eq!(book, Book { cover: name, version, updated_at: moment(60), ..before.clone() });
    }
}

pub(super) async fn a_cover_with_the_same_hash_changes_nothing(store: Store) {
    let id = add(&store, "A").await.id;
    let before = set(&store, id, ExpectedCover::Any, Some(cover(1))).await.must();
    let again = CoverName { made_at: moment(600), ..cover(1) };
    let update =
        CoverUpdate { id, expected: ExpectedCover::Any, cover: Some(again), at: moment(600) };
    ensure_eq!(store.books.set_cover(update).await.must(), before);
    ensure_eq!(found(&store, id).await, before);
}

pub(super) async fn a_missing_book_comes_before_a_stale_version_before_a_missing_cover(
    store: Store,
) {
    for name in [Some(cover(1)), None] {
        let answer = set(&store, BookId::new(1), seen_book(9), name).await;
        ensure!(matches!(answer, Err(BookError::NotFound)), "{answer:?}");
    }
    let book = add(&store, "A").await;
    for name in [Some(cover(1)), None] {
        let answer = set(&store, book.id, seen_book(9), name).await;
        ensure!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
    }
    let answer = set(&store, book.id, seen_book(1), None).await;
    ensure!(matches!(answer, Err(BookError::NoCover)), "{answer:?}");
    ensure_eq!(found(&store, book.id).await, book);
}

pub(super) async fn only_an_expected_cover_is_replaced_or_removed(store: Store) {
    let id = add(&store, "A").await.id;
    let is_stale = |answer| matches!(answer, Err(BookError::Stale));
    for expected in [seen_cover(1), ExpectedCover::Present] {
        ensure!(is_stale(set(&store, id, expected, Some(cover(1))).await), "there is none");
    }
    set(&store, id, ExpectedCover::Absent, Some(cover(1))).await.must();
    ensure!(is_stale(set(&store, id, ExpectedCover::Absent, Some(cover(2))).await));
    let none_of = |number: u8| ExpectedCover::NoneOf(vec![SeenCover::Cover(cover(number).hash)]);
    ensure!(is_stale(set(&store, id, none_of(1), Some(cover(2))).await), "it has this cover");
    set(&store, id, none_of(2), Some(cover(1))).await.must();
    for name in [Some(cover(2)), Some(cover(1)), None] {
        ensure!(is_stale(set(&store, id, seen_cover(2), name).await), "there is another one");
    }
    ensure_eq!(found(&store, id).await.cover, Some(cover(1)));
    set(&store, id, seen_cover(1), Some(cover(2))).await.must();
    let either = vec![SeenCover::Cover(cover(2).hash), SeenCover::Book(Version::new(9))];
    set(&store, id, ExpectedCover::OneOf(either), Some(cover(3))).await.must();
    set(&store, id, ExpectedCover::Present, Some(cover(4))).await.must();
    ensure_eq!(set(&store, id, seen_cover(4), None).await.must().cover, None);
}

pub(super) async fn of_simultaneous_covers_for_one_state_one_succeeds(store: Store) {
    for expected in [seen_book(2), seen_cover(1)] {
        let id = add(&store, "A").await.id;
        set(&store, id, ExpectedCover::Any, Some(cover(1))).await.must();
        let answers = store
            .at_once(20, |number| {
                let (books, expected) = (store.books.clone(), expected.clone());
                let name = Some(cover(100 + u8::try_from(number).must()));
                async move {
                    books.set_cover(CoverUpdate { id, expected, cover: name, at: moment(60) }).await
                }
            })
            .await;
        let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
        ensure_eq!(won, [&found(&store, id).await]);
    }
}

pub(super) async fn the_covers_that_are_used_are_told(store: Store) {
    let used = |names: Vec<CoverName>| {
        let books = store.books.clone();
        async move {
            let mut used = books.used_covers(names).await.must();
            used.sort();
            used
        }
    };
    for number in 1..=3 {
        let id = add(&store, "A").await.id;
        set(&store, id, ExpectedCover::Any, Some(cover(number))).await.must();
        if number == 2 {
            // Two books with one cover, and a cover that was replaced.
            let other = add(&store, "B").await.id;
            set(&store, other, ExpectedCover::Any, Some(cover(9))).await.must();
            set(&store, other, ExpectedCover::Any, Some(cover(2))).await.must();
        }
    }
    let later = CoverName { made_at: moment(600), ..cover(1) };
    let asked = vec![cover(1), cover(2), cover(9), later, cover(77)];
    ensure_eq!(used(asked).await, [cover(1), cover(2)]);
    ensure_eq!(used(vec![]).await, []);
}

pub(super) async fn the_cover_of_a_deleted_book_is_not_used(store: Store) {
    let id = add(&store, "A").await.id;
    set(&store, id, ExpectedCover::Any, Some(cover(1))).await.must();
    store.books.delete(id, Expected::Any, WhenShelved::Refuse).await.must();
    ensure_eq!(store.books.used_covers(vec![cover(1)]).await.must(), []);
}
