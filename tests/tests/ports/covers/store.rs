//! The adapters of `CoverStore`.

use std::sync::Arc;

use bookshelf_contract::Fixture;
use bookshelf_contract::covers::run_all;
use bookshelf_contract::sample::moment;
use bookshelf_domain::covers::{CoverFormat, CoverHash, CoverImages, CoverName, CoverStore};
use bookshelf_infrastructure::covers::ObjectCoverStore;
use bookshelf_memory::Memory;
use bookshelf_tests::FakeS3;
use bookshelf_tests::store::on_tokio;

type Covers = Fixture<Arc<dyn CoverStore>>;

async fn in_memory() -> Covers {
    on_tokio(Fixture::new(Memory::new().covers()))
}

async fn in_a_folder() -> Covers {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("covers");
    let open = move || Arc::new(ObjectCoverStore::folder(&path).unwrap()) as Arc<dyn CoverStore>;
    let fixture = Fixture::new(open()).reopen(move || std::future::ready(open()));
    on_tokio(fixture.keep(folder))
}

mod memory {
    bookshelf_contract::tests!(
        #[tokio::test(flavor = "multi_thread")]
        covers,
        super::in_memory
    );
}

mod folder {
    bookshelf_contract::tests!(
        #[tokio::test(flavor = "multi_thread")]
        covers,
        super::in_a_folder
    );
}

#[tokio::test]
async fn s3_keeps_the_contract() {
    for prefix in ["one", "two/parts", ""] {
        let bucket = || async {
            let s3 = Arc::new(FakeS3::start());
            let environment = s3.environment();
            let open = move || {
                let covers = ObjectCoverStore::s3("bucket", prefix, environment.clone()).unwrap();
                Arc::new(covers) as Arc<dyn CoverStore>
            };
            let fixture = Fixture::new(open()).reopen(move || std::future::ready(open()));
            on_tokio(fixture.keep(s3))
        };
        let report = run_all(bucket).await;
        report.assert();
        assert_eq!(report.skipped, []);
    }
}

#[tokio::test]
async fn s3_keeps_its_keys_under_the_prefix() {
    let s3 = FakeS3::start();
    let covers = ObjectCoverStore::s3("bucket", "two/parts", s3.environment()).unwrap();
    covers.put(name(7, 1), images("here")).await.unwrap();
    let keys = s3.keys();
    assert!(keys.iter().all(|key| key.starts_with("bucket/two/parts/07/")), "{keys:?}");
    assert_eq!(keys.len(), 2);
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
