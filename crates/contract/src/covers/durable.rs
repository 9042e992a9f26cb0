use super::clauses::{Covers, got, images, name};
use crate::macros::ensure_eq;
use crate::saw::Must;

pub(super) async fn what_was_written_is_there_after_reopening(covers: Covers) {
    covers.put(name(7, 1), images("here")).await.must();
    covers.put(name(7, 2), images("gone")).await.must();
    covers.delete(name(7, 2)).await.must();
    let covers = covers.reopened().await;
    let images = images("here");
    ensure_eq!(got(&**covers, name(7, 1)).await, [Some(images.full), Some(images.thumb)]);
    ensure_eq!(covers.list(7).await.must(), [name(7, 1)]);
}
