use bookshelf_domain::shelves::{
    ReadingStatus, ShelfEntry, ShelfError, ShelfFields, ShelfPatch, ShelfUpdate,
};
use bookshelf_domain::{Change, Expected, Version};

use super::{add_book, day, found, put, rated, reader};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{moment, next_id, one_of, prose, stars};
use crate::saw::Must;

fn change(entry: &ShelfEntry, expected: Expected, patch: ShelfPatch) -> ShelfUpdate {
    ShelfUpdate { user_id: entry.user_id, id: entry.id, expected, patch, at: moment(60) }
}

async fn some_entry(store: &Store) -> ShelfEntry {
    let ann = reader(store, "ann").await;
    let fields = ShelfFields {
        status: ReadingStatus::Reading,
        notes: Some(prose("mine")),
        started_on: day("2026-02-02"),
        ..rated(3)
    };
    put(store, ann, add_book(store, "A").await.id, fields).await
}

pub(super) async fn a_patch_changes_what_it_names(store: Store) {
    let before = some_entry(&store).await;
    let patch = ShelfPatch {
        status: Some(ReadingStatus::Read),
        notes: Change::Clear,
        finished_on: Change::Set(day("2026-02-02").must()),
        ..ShelfPatch::default()
    };
    let after = store.shelves.update(change(&before, one_of([1]), patch)).await;
    let after = after.must();
    let fields = ShelfFields {
        status: ReadingStatus::Read,
        notes: None,
        finished_on: day("2026-02-02"),
        ..before.fields.clone()
    };
    ensure_eq!(
        after,
        ShelfEntry { fields, version: Version::new(2), updated_at: moment(60), ..before }
    );
    ensure_eq!(found(&store, after.user_id, after.id).await, after);
}

pub(super) async fn a_patch_that_changes_nothing_leaves_no_trace(store: Store) {
    let before = some_entry(&store).await;
    let same = before.fields.clone().into();
    let after = store.shelves.update(change(&before, Expected::Any, same)).await.must();
    ensure_eq!(after, before);
    ensure_eq!(found(&store, before.user_id, before.id).await, before);
}

pub(super) async fn a_missing_entry_is_told_before_a_stale_version(store: Store) {
    let mut gone = some_entry(&store).await;
    gone.id = next_id(gone.id);
    for expected in [Expected::Any, one_of([7])] {
        let answer = store.shelves.update(change(&gone, expected, ShelfPatch::default())).await;
        ensure!(matches!(answer, Err(ShelfError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn anothers_entry_is_as_none(store: Store) {
    let mine = some_entry(&store).await;
    let bob = reader(&store, "bob").await;
    ensure_eq!(store.shelves.find(bob, mine.id).await.must(), None);
    let patch = ShelfPatch { rating: Change::Set(stars(1).must()), ..ShelfPatch::default() };
    let update = ShelfUpdate { user_id: bob, ..change(&mine, Expected::Any, patch) };
    let answer = store.shelves.update(update).await;
    ensure!(matches!(answer, Err(ShelfError::NotFound)), "{answer:?}");
    let answer = store.shelves.delete(bob, mine.id, one_of([9])).await;
    ensure!(matches!(answer, Err(ShelfError::NotFound)), "{answer:?}");
    ensure_eq!(found(&store, mine.user_id, mine.id).await, mine);
}

fn ends_too_early() -> ShelfPatch {
    let finished_on = Change::Set(day("2026-02-01").must());
    ShelfPatch { rating: Change::Clear, finished_on, ..ShelfPatch::default() }
}

pub(super) async fn a_stale_version_comes_before_a_bad_fit(store: Store) {
    let before = some_entry(&store).await;
    let update = change(&before, one_of([2]), ends_too_early());
    let answer = store.shelves.update(update).await;
    ensure!(matches!(answer, Err(ShelfError::Stale)), "{answer:?}");
}

pub(super) async fn fields_that_would_not_fit_together_change_nothing(store: Store) {
    let before = some_entry(&store).await;
    let answer = store.shelves.update(change(&before, Expected::Any, ends_too_early())).await;
    let Err(ShelfError::Invalid(faults)) = answer else { broken!("{answer:?}") };
    ensure!(faults.has("finished_on"));
    ensure_eq!(found(&store, before.user_id, before.id).await, before);
}

pub(super) async fn of_simultaneous_updates_of_a_version_one_succeeds(store: Store) {
    let before = some_entry(&store).await;
    let answers = store
        .at_once(20, |number| {
            let notes = Change::Set(prose(&format!("note {number}")));
            let patch = ShelfPatch { notes, ..ShelfPatch::default() };
            let (shelves, update) = (store.shelves.clone(), change(&before, one_of([1]), patch));
            async move { shelves.update(update).await }
        })
        .await;
    ensure_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    ensure_eq!(found(&store, before.user_id, before.id).await.version, Version::new(2));
}
