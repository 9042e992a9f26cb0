use async_trait::async_trait;

use crate::StoreError;
use crate::covers::{CoverImages, CoverName, CoverSize};

/// Keeps covers under their names. A name is used once, so nothing that is kept ever changes.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CoverStore: Send + Sync {
    /// MUST have stored both images durably when it returns; nobody may see half of one.
    async fn put(&self, name: CoverName, images: CoverImages) -> Result<(), StoreError>;

    /// MUST return the image as it was put, to the byte, or `None`.
    async fn get(&self, name: CoverName, size: CoverSize) -> Result<Option<Vec<u8>>, StoreError>;

    /// MUST succeed too where there is nothing, or only one image, under this name.
    async fn delete(&self, name: CoverName) -> Result<(), StoreError>;

    /// The names of this part, see [`CoverHash::part`](crate::covers::CoverHash::part).
    ///
    /// - MUST name everything that `delete` would delete, half of a cover too, and each once.
    /// - MUST pass over whatever else lies there.
    async fn list(&self, part: u8) -> Result<Vec<CoverName>, StoreError>;
}
