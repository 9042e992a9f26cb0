//! The use cases of covers, through mocked ports.

use std::sync::{Arc, Mutex};

use bookshelf_domain::books::{
    Book, BookId, ExpectedCover, MockBookReader, MockBookRepository, SeenCover,
};
use bookshelf_domain::covers::{
    CoverCodecError, CoverFormat, CoverHash, CoverImages, CoverName, CoverSize, MockCoverCodec,
    MockCoverStore,
};
use bookshelf_domain::{Fault, FaultCode, MockClock, StoreError, Timestamp, Version};
use chrono::TimeDelta;
use mockall::Sequence;

use super::{Covers, FRESH, GRACE, hash};
use crate::Error;
use crate::tests::{self, admin_writer, catalogue_writer, now};

const BOOK: BookId = BookId::new(1);

fn images() -> CoverImages {
    CoverImages { format: CoverFormat::Jpeg, full: vec![1, 2], thumb: vec![3] }
}

/// The name of the images above.
fn name(made_at: Timestamp) -> CoverName {
    CoverName { hash: hash(&images()), made_at, format: CoverFormat::Jpeg }
}

fn other(number: u8, made_at: Timestamp) -> CoverName {
    CoverName { hash: CoverHash::new([number; 32]), made_at, format: CoverFormat::Jpeg }
}

fn seen_book(version: i64) -> ExpectedCover {
    ExpectedCover::OneOf(vec![SeenCover::Book(Version::new(version))])
}

fn book(cover: Option<CoverName>) -> Book {
    let version = Version::new(3);
    Book { id: BOOK, cover, version, ..tests::book(1, tests::book_fields("T", "A")) }
}

#[derive(Default)]
struct Ports {
    reader: MockBookReader,
    books: MockBookRepository,
    store: MockCoverStore,
    codec: MockCoverCodec,
    /// The successive times of the clock. The last one repeats.
    times: Vec<Timestamp>,
}

impl Ports {
    /// Every upload becomes the images above, and the book has this cover.
    fn with_cover(cover: Option<CoverName>) -> Self {
        let mut ports = Self::default();
        ports.codec.expect_encode().returning(|_| Ok(images()));
        ports.reader.expect_find().returning(move |_| Ok(Some(book(cover))));
        ports
    }

    fn covers(self) -> Covers {
        let mut clock = MockClock::new();
        let times = Mutex::new(self.times.into_iter());
        clock.expect_now().returning(move || times.lock().unwrap().next().unwrap_or_else(now));
        Covers::new(
            Arc::new(self.reader),
            Arc::new(self.books),
            Arc::new(self.store),
            Arc::new(self.codec),
            Arc::new(clock),
        )
    }
}

async fn replace(ports: Ports, expected: ExpectedCover) -> Result<Book, Error> {
    ports.covers().replace(&catalogue_writer(), BOOK, expected, b"upload".to_vec()).await
}

fn lost() -> StoreError {
    StoreError::Unavailable("cut off".to_owned())
}

#[tokio::test]
async fn images_are_stored_before_the_book_refers_to_them() {
    let mut ports = Ports::with_cover(Some(other(7, now())));
    let mut order = Sequence::new();
    ports
        .store
        .expect_put()
        .withf(|stored, bytes| *stored == name(now()) && *bytes == images())
        .once()
        .in_sequence(&mut order)
        .returning(|_, _| Ok(()));
    ports
        .books
        .expect_set_cover()
        .withf(|update| update.cover == Some(name(now())) && update.expected == ExpectedCover::Any)
        .once()
        .in_sequence(&mut order)
        .returning(|update| Ok(book(update.cover)));
    let changed = replace(ports, ExpectedCover::Any).await.unwrap();
    assert_eq!(changed.cover, Some(name(now())));
}

#[tokio::test]
async fn a_book_never_refers_to_images_that_were_not_stored() {
    // Neither of these may set the cover.
    let mut ports = Ports::with_cover(None);
    ports.store.expect_put().returning(|_, _| Err(lost()));
    assert!(matches!(replace(ports, ExpectedCover::Any).await, Err(Error::Unavailable(_))));

    let mut ports = Ports::with_cover(None);
    ports.store.expect_put().returning(|_, _| Ok(()));
    ports.times = vec![now(), now() + FRESH + TimeDelta::seconds(1)];
    assert!(matches!(replace(ports, ExpectedCover::Any).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn the_same_image_again_stores_and_changes_nothing() {
    let old = name(now() - TimeDelta::days(90));
    let same = replace(Ports::with_cover(Some(old)), seen_book(3)).await.unwrap();
    assert_eq!(same, book(Some(old)));
}

#[tokio::test]
async fn nothing_is_stored_for_a_changed_book_or_a_refused_upload() {
    let seen = ExpectedCover::OneOf(vec![SeenCover::Cover(CoverHash::new([9; 32]))]);
    for expected in [seen_book(2), seen, ExpectedCover::Present] {
        let stale = replace(Ports::with_cover(None), expected).await;
        assert!(matches!(stale, Err(Error::Stale)));
    }

    let refused = |refusal: fn() -> CoverCodecError| {
        let mut ports = Ports::default();
        ports.codec.expect_encode().returning(move |_| Err(refusal()));
        replace(ports, ExpectedCover::Any)
    };
    let error = refused(|| {
        CoverCodecError::UnsupportedFormat(Fault::new(FaultCode::Unreadable, "is a GIF"))
    })
    .await;
    assert!(matches!(error, Err(Error::UnsupportedFormat(_))));
    let error =
        refused(|| CoverCodecError::Unacceptable(Fault::new(FaultCode::Unreadable, "is damaged")))
            .await;
    assert!(matches!(error, Err(Error::Invalid(_))));
    let error = refused(|| CoverCodecError::Busy).await;
    assert!(matches!(error, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn only_old_unused_covers_are_collected() {
    let old = now() - GRACE - TimeDelta::seconds(1);
    let young = now() - GRACE + TimeDelta::seconds(1);
    let mut ports = Ports::default();
    // An interruption can leave such covers too.
    let kept = vec![other(1, old), other(2, old), other(3, young), name(old), name(young)];
    ports.store.expect_list().withf(|part| *part == 9).returning(move |_| Ok(kept.clone()));
    ports
        .books
        .expect_used_covers()
        .withf(move |names| names == &[other(1, old), other(2, old), name(old)])
        .returning(move |_| Ok(vec![other(2, old)]));
    for orphan in [other(1, old), name(old)] {
        let is_orphan = move |name: &CoverName| *name == orphan;
        ports.store.expect_delete().withf(is_orphan).once().returning(|_| Ok(()));
    }
    assert_eq!(ports.covers().collect(9).await.unwrap(), 2);
}

#[tokio::test]
async fn nothing_is_collected_when_the_used_covers_are_unknown() {
    let mut ports = Ports::default();
    let old = other(1, now() - GRACE - TimeDelta::seconds(1));
    ports.store.expect_list().returning(move |_| Ok(vec![old]));
    ports.books.expect_used_covers().returning(|_| Err(lost()));
    assert!(matches!(ports.covers().collect(0).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn a_cover_that_is_replaced_while_it_is_read_is_unavailable() {
    let read = |has: Option<CoverName>| async move {
        let mut ports = Ports::with_cover(has);
        ports.store.expect_get().returning(|_, _| Ok(None));
        ports.covers().read(BOOK, name(now()), CoverSize::Full).await
    };
    assert!(matches!(read(Some(other(1, now()))).await, Err(Error::Unavailable(_))));
    assert!(matches!(read(Some(name(now()))).await, Err(Error::NotFound("cover"))));
    assert!(matches!(read(None).await, Err(Error::NotFound("cover"))));
}

#[tokio::test]
async fn removing_a_cover_leaves_its_images_to_the_collector() {
    let mut ports = Ports::default();
    ports
        .books
        .expect_set_cover()
        .withf(|update| update.cover.is_none() && update.expected == seen_book(3))
        .once()
        .returning(|_| Ok(book(None)));
    ports.covers().remove(&admin_writer(), BOOK, seen_book(3)).await.unwrap();
}
