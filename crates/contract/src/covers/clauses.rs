use std::sync::Arc;

use bookshelf_domain::covers::{
    CoverFormat, CoverHash, CoverImages, CoverName, CoverSize, CoverStore,
};

use crate::Fixture;
use crate::macros::{ensure, ensure_eq};
use crate::sample::moment;
use crate::saw::Must;

/// What a clause is checked on.
pub(super) type Covers = Fixture<Arc<dyn CoverStore>>;

pub(super) fn name(part: u8, number: i64) -> CoverName {
    let mut digest = [7; 32];
    digest[0] = part;
    CoverName { hash: CoverHash::new(digest), made_at: moment(number), format: CoverFormat::Jpeg }
}

pub(super) fn images(text: &str) -> CoverImages {
    let full = text.repeat(1000).into_bytes();
    CoverImages { format: CoverFormat::Jpeg, full, thumb: text.into() }
}

pub(super) async fn got(covers: &dyn CoverStore, name: CoverName) -> [Option<Vec<u8>>; 2] {
    let [full, thumb] = CoverSize::ALL;
    [covers.get(name, full).await.must(), covers.get(name, thumb).await.must()]
}

pub(super) async fn an_image_is_got_as_it_was_put(covers: Covers) {
    let covers = &**covers;
    let png = CoverName { format: CoverFormat::Png, ..name(7, 1) };
    for (name, text) in [(name(7, 1), "first"), (name(7, 2), "later"), (png, "png")] {
        let images = images(text);
        covers.put(name, images.clone()).await.must();
        ensure_eq!(got(covers, name).await, [Some(images.full), Some(images.thumb)]);
    }
    ensure_eq!(got(covers, name(7, 1)).await[1].as_deref(), Some(&b"first"[..]));
}

pub(super) async fn what_was_deleted_or_never_there_is_none(covers: Covers) {
    let covers = &**covers;
    covers.put(name(7, 1), images("gone")).await.must();
    covers.put(name(7, 2), images("here")).await.must();
    for _ in 0..2 {
        covers.delete(name(7, 1)).await.must();
        ensure_eq!(got(covers, name(7, 1)).await, [None, None]);
    }
    covers.delete(name(9, 1)).await.must();
    ensure_eq!(got(covers, name(9, 1)).await, [None, None]);
    ensure!(got(covers, name(7, 2)).await[0].is_some());
    ensure_eq!(covers.list(7).await.must(), [name(7, 2)]);
}

pub(super) async fn a_part_names_its_covers_once(covers: Covers) {
    let covers = &**covers;
    let mut names: Vec<_> = (0..10).map(|number| name(0xab, number)).collect();
    for name in names.iter().chain([&name(0xac, 0), &name(0, 0)]) {
        covers.put(*name, images("here")).await.must();
    }
    let mut listed = covers.list(0xab).await.must();
    listed.sort();
    names.sort();
    ensure_eq!(listed, names);
    ensure_eq!(covers.list(0).await.must(), [name(0, 0)]);
    ensure_eq!(covers.list(1).await.must(), []);
}
