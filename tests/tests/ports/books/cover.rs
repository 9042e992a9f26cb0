use bookshelf_domain::books::{Book, BookError, BookId, CoverUpdate, WhenShelved};
use bookshelf_domain::covers::{CoverFormat, CoverHash, CoverName};
use bookshelf_domain::{Expected, Version};
use bookshelf_tests::Store;

use super::{add, found};
use crate::at_once::at_once;
use crate::sample::{moment, one_of};

contract! {
    a_cover_is_there_until_it_is_taken_away,
    a_change_of_the_cover_raises_the_version_and_sets_the_time,
    a_cover_with_the_same_hash_changes_nothing,
    a_missing_book_comes_before_a_stale_version_before_a_missing_cover,
    of_simultaneous_covers_for_one_version_one_succeeds,
    the_covers_that_are_used_are_told,
    the_cover_of_a_deleted_book_is_not_used,
}

fn cover(number: u8) -> CoverName {
    let hash = CoverHash::new([number; 32]);
    CoverName { hash, made_at: moment(number.into()), format: CoverFormat::Jpeg }
}

async fn set(
    store: &Store,
    id: BookId,
    expected: Expected,
    cover: Option<CoverName>,
) -> Result<Book, BookError> {
    store.books.set_cover(CoverUpdate { id, expected, cover, at: moment(60) }).await
}

async fn a_cover_is_there_until_it_is_taken_away(store: Store) {
    let (id, other) = (add(&store, "A").await.id, add(&store, "B").await);
    let png = CoverName { format: CoverFormat::Png, ..cover(3) };
    for name in [Some(cover(1)), Some(cover(2)), None, Some(png)] {
        let book = set(&store, id, Expected::Any, name).await.unwrap();
        assert_eq!(book.cover, name);
        assert_eq!(found(&store, id).await, book);
    }
    assert_eq!(found(&store, other.id).await, other);
}

async fn a_change_of_the_cover_raises_the_version_and_sets_the_time(store: Store) {
    let before = add(&store, "A").await;
    for (step, name) in [Some(cover(1)), Some(cover(2)), None].into_iter().enumerate() {
        let old = Version::new(i64::try_from(step).unwrap() + 1);
        let (version, expected) = (old.next(), Expected::OneOf(vec![old]));
        let book = set(&store, before.id, expected, name).await.unwrap();
        assert_eq!(book, Book { cover: name, version, updated_at: moment(60), ..before.clone() });
    }
}

async fn a_cover_with_the_same_hash_changes_nothing(store: Store) {
    let id = add(&store, "A").await.id;
    let before = set(&store, id, Expected::Any, Some(cover(1))).await.unwrap();
    let again = CoverName { made_at: moment(600), ..cover(1) };
    let update = CoverUpdate { id, expected: Expected::Any, cover: Some(again), at: moment(600) };
    assert_eq!(store.books.set_cover(update).await.unwrap(), before);
    assert_eq!(found(&store, id).await, before);
}

async fn a_missing_book_comes_before_a_stale_version_before_a_missing_cover(store: Store) {
    for name in [Some(cover(1)), None] {
        let answer = set(&store, BookId::new(1), one_of([9]), name).await;
        assert!(matches!(answer, Err(BookError::NotFound)), "{answer:?}");
    }
    let book = add(&store, "A").await;
    for name in [Some(cover(1)), None] {
        let answer = set(&store, book.id, one_of([9]), name).await;
        assert!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
    }
    let answer = set(&store, book.id, one_of([1]), None).await;
    assert!(matches!(answer, Err(BookError::NoCover)), "{answer:?}");
    assert_eq!(found(&store, book.id).await, book);
}

async fn of_simultaneous_covers_for_one_version_one_succeeds(store: Store) {
    let id = add(&store, "A").await.id;
    let answers =
        at_once(20, |number| {
            let books = store.books.clone();
            let name = Some(cover(u8::try_from(number).unwrap()));
            let expected = one_of([1]);
            async move {
                books.set_cover(CoverUpdate { id, expected, cover: name, at: moment(60) }).await
            }
        })
        .await;
    let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won, [&found(&store, id).await]);
}

async fn the_covers_that_are_used_are_told(store: Store) {
    let used = |names: Vec<CoverName>| {
        let books = store.books.clone();
        async move {
            let mut used = books.used_covers(names).await.unwrap();
            used.sort();
            used
        }
    };
    for number in 1..=3 {
        let id = add(&store, "A").await.id;
        set(&store, id, Expected::Any, Some(cover(number))).await.unwrap();
        if number == 2 {
            // Two books with one cover, and a cover that was replaced.
            let other = add(&store, "B").await.id;
            set(&store, other, Expected::Any, Some(cover(9))).await.unwrap();
            set(&store, other, Expected::Any, Some(cover(2))).await.unwrap();
        }
    }
    let later = CoverName { made_at: moment(600), ..cover(1) };
    let asked = vec![cover(1), cover(2), cover(9), later, cover(77)];
    assert_eq!(used(asked).await, [cover(1), cover(2)]);
    assert_eq!(used(vec![]).await, []);
}

async fn the_cover_of_a_deleted_book_is_not_used(store: Store) {
    let id = add(&store, "A").await.id;
    set(&store, id, Expected::Any, Some(cover(1))).await.unwrap();
    store.books.delete(id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert_eq!(store.books.used_covers(vec![cover(1)]).await.unwrap(), []);
}
