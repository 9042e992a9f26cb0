//! The contract of the port CoverStore.

use std::sync::Arc;

use bookshelf_domain::covers::{
    CoverFormat, CoverHash, CoverImages, CoverName, CoverSize, CoverStore,
};
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_tests::{FakeS3, Store};

use crate::sample::moment;

contract! {
    an_image_is_got_as_it_was_put,
    what_was_deleted_or_never_there_is_none,
    a_part_names_its_covers_once,
}

/// In a bucket too.
#[tokio::test]
async fn s3_keeps_the_contract() {
    let s3 = FakeS3::start();
    let bucket = |prefix: &str| {
        let covers = ObjectCoverStore::s3("bucket", prefix, s3.environment()).unwrap();
        let mut store = Store::memory();
        store.covers = Arc::new(covers);
        store
    };
    an_image_is_got_as_it_was_put(bucket("one")).await;
    what_was_deleted_or_never_there_is_none(bucket("two/parts")).await;
    a_part_names_its_covers_once(bucket("")).await;
    let keys = s3.keys();
    assert!(keys.iter().any(|key| key.starts_with("bucket/two/parts/07/")), "{keys:?}");
}

fn name(part: u8, number: i64) -> CoverName {
    let mut digest = [7; 32];
    digest[0] = part;
    CoverName { hash: CoverHash::new(digest), made_at: moment(number), format: CoverFormat::Jpeg }
}

fn images(text: &str) -> CoverImages {
    let full = text.repeat(1000).into_bytes();
    CoverImages { format: CoverFormat::Jpeg, full, thumb: text.into() }
}

async fn got(covers: &dyn CoverStore, name: CoverName) -> [Option<Vec<u8>>; 2] {
    let [full, thumb] = CoverSize::ALL;
    [covers.get(name, full).await.unwrap(), covers.get(name, thumb).await.unwrap()]
}

async fn an_image_is_got_as_it_was_put(store: Store) {
    let covers = &*store.covers;
    let png = CoverName { format: CoverFormat::Png, ..name(7, 1) };
    for (name, text) in [(name(7, 1), "first"), (name(7, 2), "later"), (png, "png")] {
        let images = images(text);
        covers.put(name, images.clone()).await.unwrap();
        assert_eq!(got(covers, name).await, [Some(images.full), Some(images.thumb)]);
    }
    assert_eq!(got(covers, name(7, 1)).await[1].as_deref(), Some(&b"first"[..]));
}

async fn what_was_deleted_or_never_there_is_none(store: Store) {
    let covers = &*store.covers;
    covers.put(name(7, 1), images("gone")).await.unwrap();
    covers.put(name(7, 2), images("here")).await.unwrap();
    for _ in 0..2 {
        covers.delete(name(7, 1)).await.unwrap();
        assert_eq!(got(covers, name(7, 1)).await, [None, None]);
    }
    covers.delete(name(9, 1)).await.unwrap();
    assert_eq!(got(covers, name(9, 1)).await, [None, None]);
    assert!(got(covers, name(7, 2)).await[0].is_some());
    assert_eq!(covers.list(7).await.unwrap(), [name(7, 2)]);
}

async fn a_part_names_its_covers_once(store: Store) {
    let covers = &*store.covers;
    let mut names: Vec<_> = (0..10).map(|number| name(0xab, number)).collect();
    for name in names.iter().chain([&name(0xac, 0), &name(0, 0)]) {
        covers.put(*name, images("here")).await.unwrap();
    }
    let mut listed = covers.list(0xab).await.unwrap();
    listed.sort();
    names.sort();
    assert_eq!(listed, names);
    assert_eq!(covers.list(0).await.unwrap(), [name(0, 0)]);
    assert_eq!(covers.list(1).await.unwrap(), []);
}

/// What a crash left, and what somebody else has put there.
#[tokio::test]
async fn half_a_cover_is_named_and_other_files_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let covers = ObjectCoverStore::folder(&folder.path().join("made/with/parents")).unwrap();
    covers.check().await.unwrap();
    covers.put(name(7, 1), images("half")).await.unwrap();
    let part = folder.path().join("made/with/parents/07");
    std::fs::remove_file(part.join(name(7, 1).to_string())).unwrap();
    std::fs::write(part.join("notes.txt"), "not a cover").unwrap();
    assert_eq!(covers.list(7).await.unwrap(), [name(7, 1)]);
    covers.delete(name(7, 1)).await.unwrap();
    assert_eq!(covers.list(7).await.unwrap(), []);
    assert!(part.join("notes.txt").exists());
}

#[tokio::test]
async fn a_store_that_cannot_be_used_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(ObjectCoverStore::folder(&file.join("covers")).is_err());

    let s3 = FakeS3::start();
    let mut nobody = s3.environment();
    nobody.push(("AWS_SKIP_SIGNATURE".to_owned(), "true".to_owned()));
    assert!(ObjectCoverStore::s3("bucket", "", nobody).unwrap().check().await.is_err());
    ObjectCoverStore::s3("bucket", "", s3.environment()).unwrap().check().await.unwrap();
    assert_eq!(s3.keys(), [""; 0]);
}
