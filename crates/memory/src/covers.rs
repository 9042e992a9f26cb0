use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::StoreError;
use bookshelf_domain::covers::{CoverImages, CoverName, CoverSize, CoverStore};

use crate::Memory;

pub(crate) type Covers = BTreeMap<CoverName, CoverImages>;

#[async_trait]
impl CoverStore for Memory {
    async fn put(&self, name: CoverName, images: CoverImages) -> Result<(), StoreError> {
        self.tables().covers.insert(name, images);
        Ok(())
    }

    async fn get(&self, name: CoverName, size: CoverSize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables().covers.get(&name).map(|images| images.get(size).to_vec()))
    }

    async fn delete(&self, name: CoverName) -> Result<(), StoreError> {
        self.tables().covers.remove(&name);
        Ok(())
    }

    async fn list(&self, part: u8) -> Result<Vec<CoverName>, StoreError> {
        let is_of = |name: &&CoverName| name.hash.part() == part;
        Ok(self.tables().covers.keys().filter(is_of).copied().collect())
    }
}
