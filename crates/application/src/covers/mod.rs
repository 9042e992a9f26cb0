//! Covers. Everybody sees them, those who may change books upload them, and admins remove them.
//!
//! The images are in a store and their names are in the database, and no transaction spans the two.
//! So they change in a fixed order: images are stored before a book refers to them, and deleted long
//! after no book refers to them any more. An interruption can leave images that no book refers to, and
//! [`Covers::collect`] deletes them. It never leaves a book that refers to a missing image.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::Clock;
use bookshelf_domain::books::{
    Book, BookId, BookReader, BookRepository, CoverUpdate, ExpectedCover,
};
use bookshelf_domain::covers::{
    CoverCodec, CoverHash, CoverImages, CoverName, CoverSize, CoverStore,
};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::{AdminWriter, CatalogueWriter, Error};

/// The age at which an unused cover may be deleted. Every upload takes far less time.
const GRACE: TimeDelta = TimeDelta::days(1);
/// The age up to which a new cover may be given to a book. This is far less than [`GRACE`], so that a
/// difference between the clocks of several servers does not matter.
const FRESH: TimeDelta = TimeDelta::hours(12);
/// How many covers one query asks about.
const BATCH: usize = 500;

/// The use cases of covers.
#[derive(Clone)]
pub struct Covers {
    reader: Arc<dyn BookReader>,
    books: Arc<dyn BookRepository>,
    store: Arc<dyn CoverStore>,
    codec: Arc<dyn CoverCodec>,
    clock: Arc<dyn Clock>,
}

impl Covers {
    pub fn new(
        reader: Arc<dyn BookReader>,
        books: Arc<dyn BookRepository>,
        store: Arc<dyn CoverStore>,
        codec: Arc<dyn CoverCodec>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reader, books, store, codec, clock }
    }

    /// Finds a book that must be in an expected state. A client that asks this first does not upload
    /// a cover in vain.
    pub async fn get_expected(
        &self,
        _: &CatalogueWriter,
        id: BookId,
        expected: &ExpectedCover,
    ) -> Result<Book, Error> {
        let book = self.reader.find(id).await?.ok_or(Error::NotFound("book"))?;
        if expected.allows(&book) { Ok(book) } else { Err(Error::Stale) }
    }

    /// Gives a book the cover that was uploaded, in place of any other.
    pub async fn replace(
        &self,
        writer: &CatalogueWriter,
        id: BookId,
        expected: ExpectedCover,
        upload: Vec<u8>,
    ) -> Result<Book, Error> {
        let images = self.codec.encode(upload).await?;
        let (hash, format) = (hash(&images), images.format);
        let book = self.get_expected(writer, id, &expected).await?;
        if book.cover.is_some_and(|cover| cover.hash == hash) {
            return Ok(book);
        }
        let name = CoverName { hash, format, made_at: self.clock.now() };
        self.store.put(name, images).await?;
        let at = self.clock.now();
        if at - name.made_at > FRESH {
            return Err(Error::Unavailable("storing the cover took too long".to_owned()));
        }
        let update = CoverUpdate { id, expected, cover: Some(name), at };
        Ok(self.books.set_cover(update).await?)
    }

    /// The current cover of a book.
    pub async fn find(&self, id: BookId) -> Result<CoverName, Error> {
        let book = self.reader.find(id).await?.ok_or(Error::NotFound("book"))?;
        book.cover.ok_or(Error::NotFound("cover"))
    }

    /// An image of the cover that [`Covers::find`] has just returned.
    pub async fn read(
        &self,
        id: BookId,
        cover: CoverName,
        size: CoverSize,
    ) -> Result<Vec<u8>, Error> {
        if let Some(image) = self.store.get(cover, size).await? {
            return Ok(image);
        }
        if self.find(id).await? != cover {
            return Err(Error::Unavailable("the cover was replaced meanwhile".to_owned()));
        }
        tracing::error!(book_id = id.get(), %cover, "the cover store has lost a cover");
        Err(Error::NotFound("cover"))
    }

    pub async fn remove(
        &self,
        _: &AdminWriter,
        id: BookId,
        expected: ExpectedCover,
    ) -> Result<(), Error> {
        let update = CoverUpdate { id, expected, cover: None, at: self.clock.now() };
        self.books.set_cover(update).await?;
        Ok(())
    }

    /// Deletes the unused covers in one of the 256 parts of the store and returns how many there
    /// were. Uploads and other collectors may run at the same time, because a name is used only
    /// once: see [`CoverName`].
    pub async fn collect(&self, part: u8) -> Result<u64, Error> {
        let before = self.clock.now() - GRACE;
        let mut old = self.store.list(part).await?;
        old.retain(|name| name.made_at < before);
        let mut count = 0;
        for batch in old.chunks(BATCH) {
            let used = self.books.used_covers(batch.to_vec()).await?;
            for name in batch.iter().filter(|name| !used.contains(name)) {
                self.store.delete(*name).await?;
                count += 1;
            }
        }
        Ok(count)
    }
}

/// The digest of both images, which is a part of the name of a cover. The length of the first keeps
/// their bytes apart.
pub fn hash(images: &CoverImages) -> CoverHash {
    let mut digest = Sha256::new();
    digest.update((images.full.len() as u64).to_be_bytes());
    digest.update(&images.full);
    digest.update(&images.thumb);
    CoverHash::new(digest.finalize().into())
}
