use bookshelf_domain::books::RatingSummary;
use bookshelf_domain::shelves::{ReadingStatus, ShelfFields, ShelfStats, YearCount};

use super::{add_book, day, put, rated, reader, with_status};
use crate::Store;
use crate::macros::ensure_eq;
use crate::saw::Must;

pub(super) async fn an_empty_shelf_has_empty_numbers(store: Store) {
    let ann = reader(&store, "ann").await;
    ensure_eq!(store.shelves.stats(ann).await.must(), ShelfStats::default());
}

pub(super) async fn a_shelf_is_counted_up_for_its_reader_alone(store: Store) {
    use ReadingStatus::{Abandoned, Read, Reading};
    let (ann, bob) = (reader(&store, "ann").await, reader(&store, "bob").await);
    let finished =
        |on: &str, rating| ShelfFields { status: Read, finished_on: day(on), ..rated(rating) };
    let shelf = [
        finished("2025-12-31", 5),
        finished("2026-01-01", 4),
        finished("2026-12-31", 4),
        with_status(Read),
        // Given up on a day, but not finished.
        ShelfFields { finished_on: day("2024-01-01"), ..with_status(Abandoned) },
        with_status(Reading),
    ];
    for (number, fields) in shelf.into_iter().enumerate() {
        let book = add_book(&store, &format!("Book {number}")).await.id;
        put(&store, bob, book, rated(1)).await;
        put(&store, ann, book, fields).await;
    }
    let stats = store.shelves.stats(ann).await.must();
    let expected = ShelfStats {
        by_status: vec![(Reading, 1), (Read, 4), (Abandoned, 1)],
        finished_by_year: vec![
            YearCount { year: 2026, count: 2 },
            YearCount { year: 2025, count: 1 },
        ],
        rating: RatingSummary { sum: 13, count: 3 },
    };
    ensure_eq!(stats, expected);
    ensure_eq!(stats.total(), 6);
    ensure_eq!(store.shelves.stats(bob).await.must().by_status, [(ReadingStatus::WantToRead, 6)]);
}
