use bookshelf_domain::books::{Book, BookId, BookQuery, BookSort, RatingSummary, WhenShelved};
use bookshelf_domain::shelves::{ShelfEntry, ShelfFields, ShelfPatch, ShelfUpdate};
use bookshelf_domain::{Change, Expected, Order};

use super::{add_book, found_book, put, rated, reader};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::{every_book, moment, stars};
use crate::saw::Must;

async fn rate(store: &Store, entry: &ShelfEntry, rating: Option<i64>) {
    let rating = rating.map_or(Change::Clear, |rating| Change::Set(stars(rating).must()));
    let update = ShelfUpdate {
        user_id: entry.user_id,
        id: entry.id,
        expected: Expected::Any,
        patch: ShelfPatch { rating, ..ShelfPatch::default() },
        at: moment(60),
    };
    let after = store.shelves.update(update).await.must();
    // The answer shows the book with the summary that it has by now.
    ensure_eq!(after.book, found_book(store, entry.book.id).await);
}

async fn summary(store: &Store, book: BookId) -> (i64, i64, Option<i64>) {
    let rating = found_book(store, book).await.rating;
    (rating.sum, rating.count, rating.hundredths())
}

pub(super) async fn a_summary_follows_every_change_of_a_rating(store: Store) {
    let book = add_book(&store, "A").await.id;
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let anns = put(&store, ann, book, rated(4)).await;
    ensure_eq!(summary(&store, book).await, (4, 1, Some(400)));
    let bobs = put(&store, bob, book, ShelfFields::default()).await;
    ensure_eq!(summary(&store, book).await, (4, 1, Some(400)));
    rate(&store, &bobs, Some(1)).await;
    ensure_eq!(summary(&store, book).await, (5, 2, Some(250)));
    rate(&store, &anns, Some(5)).await;
    ensure_eq!(summary(&store, book).await, (6, 2, Some(300)));
    rate(&store, &anns, None).await;
    ensure_eq!(summary(&store, book).await, (1, 1, Some(100)));
    store.shelves.delete(bob, bobs.id, Expected::Any).await.must();
    ensure_eq!(summary(&store, book).await, (0, 0, None));
}

pub(super) async fn a_rating_leaves_version_and_time_of_the_book_alone(store: Store) {
    let book = add_book(&store, "A").await;
    let ann = reader(&store, "ann").await;
    let entry = put(&store, ann, book.id, rated(4)).await;
    rate(&store, &entry, Some(2)).await;
    let after = found_book(&store, book.id).await;
    ensure_eq!(after, Book { rating: RatingSummary { sum: 2, count: 1 }, ..book });
}

pub(super) async fn a_summary_follows_the_deletion_of_an_account(store: Store) {
    let (first, second) = (add_book(&store, "A").await.id, add_book(&store, "B").await.id);
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    put(&store, ann, first, rated(4)).await;
    put(&store, ann, second, rated(1)).await;
    put(&store, bob, first, rated(5)).await;
    store.users.delete(ann, Expected::Any).await.must();
    ensure_eq!(summary(&store, first).await, (5, 1, Some(500)));
    ensure_eq!(summary(&store, second).await, (0, 0, None));
}

pub(super) async fn a_summary_survives_the_forced_deletion_of_another_book(store: Store) {
    let (first, second) = (add_book(&store, "A").await.id, add_book(&store, "B").await.id);
    let ann = reader(&store, "ann").await;
    put(&store, ann, first, rated(4)).await;
    put(&store, ann, second, rated(1)).await;
    store.books.delete(first, Expected::Any, WhenShelved::Remove).await.must();
    ensure_eq!(summary(&store, second).await, (1, 1, Some(100)));
}

pub(super) async fn the_list_of_books_is_sorted_by_their_averages(store: Store) {
    let ann = reader(&store, "ann").await;
    for (title, rating) in [("two", Some(2)), ("none", None), ("five", Some(5))] {
        let book = add_book(&store, title).await.id;
        if let Some(rating) = rating {
            put(&store, ann, book, rated(rating)).await;
        }
    }
    let query = BookQuery { sort: BookSort::Rating, order: Order::Descending, ..every_book() };
    let listing = store.book_reader.list(query).await.must();
    let titles: Vec<_> = listing.items.iter().map(|book| book.fields.title.as_str()).collect();
    ensure_eq!(titles, ["five", "two", "none"]);
}

pub(super) async fn no_rating_is_lost_among_many_readers(store: Store) {
    let book = add_book(&store, "A").await.id;
    let mut readers = Vec::new();
    for number in 0..64 {
        readers.push(reader(&store, &format!("reader{number}")).await);
    }
    let last = store
        .at_once(64, |number| {
            let (shelves, user) = (store.shelves.clone(), readers[number]);
            async move {
                let made = shelves.insert(super::entry(user, book, rated(1))).await.must();
                let id = made.into_inner().id;
                let mut last = None;
                for rating in [Some(5), None, Some(i64::try_from(number % 5 + 1).must())] {
                    last = rating.and_then(stars);
                    let rating = last.map_or(Change::Clear, Change::Set);
                    let patch = ShelfPatch { rating, ..ShelfPatch::default() };
                    let expected = Expected::Any;
                    let update = ShelfUpdate { user_id: user, id, expected, patch, at: moment(60) };
                    shelves.update(update).await.must();
                }
                if number % 8 == 0 {
                    shelves.delete(user, id, Expected::Any).await.must();
                    last = None;
                }
                last
            }
        })
        .await;
    let sum: i64 = last.iter().flatten().map(|rating| i64::from(rating.get())).sum();
    let (its_sum, count, _) = summary(&store, book).await;
    ensure_eq!((its_sum, count), (sum, 56));
}
