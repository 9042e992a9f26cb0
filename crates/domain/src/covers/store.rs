use async_trait::async_trait;

use crate::StoreError;
use crate::covers::{CoverImages, CoverName, CoverSize};

/// Stores covers under their names. A name is used only once, so a stored image never changes.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CoverStore: Send + Sync {
    /// MUST have stored both images durably when it returns. A reader MUST never see a part of an
    /// image.
    async fn put(&self, name: CoverName, images: CoverImages) -> Result<(), StoreError>;

    /// MUST return the image as it was put, to the byte, or `None`.
    async fn get(&self, name: CoverName, size: CoverSize) -> Result<Option<Vec<u8>>, StoreError>;

    /// MUST also succeed when there is nothing, or only one image, under this name.
    async fn delete(&self, name: CoverName) -> Result<(), StoreError>;

    /// Returns the names of this part, see [`CoverHash::part`](crate::covers::CoverHash::part).
    ///
    /// - MUST name everything that `delete` would delete, also a cover with only one image, and
    ///   each name once.
    /// - MUST ignore everything else in the store.
    async fn list(&self, part: u8) -> Result<Vec<CoverName>, StoreError>;
}
