use std::error::Error as StdError;
use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bookshelf_domain::StoreError;
use bookshelf_domain::covers::{CoverImages, CoverName, CoverSize, CoverStore};
use futures_util::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, Error, ObjectStore, ObjectStoreExt, RetryConfig};

use crate::outage::Outage;

/// How long one request to S3 may take, and how long all its retries may take.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const RETRIES: usize = 3;

/// Keeps covers in a folder, or in a bucket of S3 or a compatible service.
///
/// Each cover is two objects, `<part>/<name>` and `<part>/thumb-<name>`.
#[derive(Debug, Clone)]
pub struct ObjectCoverStore {
    objects: Arc<dyn ObjectStore>,
    outage: Arc<Outage>,
}

/// Why covers cannot be kept in a folder or a bucket.
#[derive(Debug, thiserror::Error)]
pub enum CoverStoreError {
    #[error("its folder cannot be created")]
    Folder(#[source] std::io::Error),
    #[error("it cannot be opened")]
    Open(#[source] Error),
    #[error("its objects cannot be written and deleted")]
    Write(#[source] Error),
}

impl ObjectCoverStore {
    /// Creates the folder if it is missing. Only its owner may read it.
    pub fn folder(path: &Path) -> Result<Self, CoverStoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(CoverStoreError::Folder)?;
        let folder = LocalFileSystem::new_with_prefix(path).map_err(CoverStoreError::Open)?;
        // A cover is on the disk before the upload is answered.
        Ok(Self::of(folder.with_fsync(true)))
    }

    /// Variables of `environment` that start with `AWS_` set the credentials, the region and the
    /// endpoint.
    pub fn s3(
        bucket: &str,
        prefix: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, CoverStoreError> {
        let client = ClientOptions::new()
            .with_timeout(TIMEOUT)
            .with_connect_timeout(CONNECT_TIMEOUT)
            // An operator who names an endpoint as http://… wants no TLS.
            .with_allow_http(true);
        let retry =
            RetryConfig { max_retries: RETRIES, retry_timeout: TIMEOUT, ..RetryConfig::default() };
        let builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            // Not every compatible service has it.
            .with_disable_bulk_delete(true);
        let known = environment
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value)));
        let builder = known.fold(builder, |builder, (key, value)| builder.with_config(key, value));
        let bucket = builder.with_bucket_name(bucket).build().map_err(CoverStoreError::Open)?;
        Ok(Self::of(PrefixStore::new(bucket, prefix)))
    }

    fn of(objects: impl ObjectStore) -> Self {
        Self { objects: Arc::new(objects), outage: Arc::new(Outage::of("the store of covers")) }
    }

    /// Checks that covers can be kept there, by writing an object and deleting it.
    pub async fn check(&self) -> Result<(), CoverStoreError> {
        let key = Key::from("check");
        self.objects.put(&key, "bookshelf".into()).await.map_err(CoverStoreError::Write)?;
        match self.objects.delete(&key).await {
            // Another instance that checks at the same time has deleted it.
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(CoverStoreError::Write(error)),
        }
    }
}

#[async_trait]
impl CoverStore for ObjectCoverStore {
    async fn put(&self, name: CoverName, images: CoverImages) -> Result<(), StoreError> {
        self.outage.noted(self.put_objects(name, images).await)
    }

    async fn get(&self, name: CoverName, size: CoverSize) -> Result<Option<Vec<u8>>, StoreError> {
        self.outage.noted(self.get_objects(name, size).await)
    }

    async fn delete(&self, name: CoverName) -> Result<(), StoreError> {
        self.outage.noted(self.delete_objects(name).await)
    }

    async fn list(&self, part: u8) -> Result<Vec<CoverName>, StoreError> {
        self.outage.noted(self.list_objects(part).await)
    }
}

/// The methods of the port, without reports of outages.
impl ObjectCoverStore {
    async fn put_objects(&self, name: CoverName, images: CoverImages) -> Result<(), StoreError> {
        let CoverImages { full, thumb, .. } = images;
        for (size, bytes) in [(CoverSize::Thumb, thumb), (CoverSize::Full, full)] {
            self.objects.put(&key(name, size), bytes.into()).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn get_objects(
        &self,
        name: CoverName,
        size: CoverSize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let object = match self.objects.get(&key(name, size)).await {
            Ok(object) => object,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(store_error(error)),
        };
        Ok(Some(object.bytes().await.map_err(store_error)?.into()))
    }

    async fn delete_objects(&self, name: CoverName) -> Result<(), StoreError> {
        for size in CoverSize::ALL {
            match self.objects.delete(&key(name, size)).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(store_error(error)),
            }
        }
        Ok(())
    }

    async fn list_objects(&self, part: u8) -> Result<Vec<CoverName>, StoreError> {
        let part = Key::from(format!("{part:02x}"));
        let objects =
            self.objects.list(Some(&part)).try_collect::<Vec<_>>().await.map_err(store_error)?;
        let name_of = |key: &Key| {
            let file = key.filename()?;
            file.strip_prefix(THUMB).unwrap_or(file).parse().ok()
        };
        let mut names: Vec<_> =
            objects.iter().filter_map(|object| name_of(&object.location)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

const THUMB: &str = "thumb-";

fn key(name: CoverName, size: CoverSize) -> Key {
    let part = name.hash.part();
    let size = match size {
        CoverSize::Full => "",
        CoverSize::Thumb => THUMB,
    };
    Key::from(format!("{part:02x}/{size}{name}"))
}

/// Errors of the network and of the disk are temporary.
fn store_error(error: Error) -> StoreError {
    match error {
        Error::Generic { .. } if has_no_space(&error) => {
            StoreError::Full(format!("the store of covers: {error}"))
        }
        Error::Generic { .. } => StoreError::Unavailable(format!("the store of covers: {error}")),
        error => StoreError::unexpected(error),
    }
}

/// Whether the disk of a folder is full, or its user's share of it.
fn has_no_space(error: &dyn StdError) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(found) = found.downcast_ref::<io::Error>() {
            return matches!(found.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        }
        cause = found.source();
    }
    false
}
