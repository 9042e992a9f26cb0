use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookPatch, WhenShelved};

use super::{add, change, titles};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::line;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(store: Store) {
    let (kept, before) = (add(&store, "Kept").await, add(&store, "Before").await);
    let gone = add(&store, "Gone").await;
    let patch = BookPatch { title: Some(line("After")), ..BookPatch::default() };
    let changed = store.books.update(change(before.id, Expected::Any, patch)).await.must();
    store.books.delete(gone.id, Expected::Any, WhenShelved::Refuse).await.must();
    let store = store.reopened().await;
    ensure_eq!(store.book_reader.find(kept.id).await.must(), Some(kept));
    ensure_eq!(store.book_reader.find(changed.id).await.must(), Some(changed));
    ensure_eq!(titles(&store, Default::default()).await, ["Kept", "After"]);
    let next = add(&store, "Next").await.id;
    ensure!(next > gone.id, "the id {next} after {} was deleted", gone.id);
}
