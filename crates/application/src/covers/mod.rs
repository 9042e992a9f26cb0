//! Covers: seeing them is everybody's, giving a book one a user's, taking it away an admin's.
//!
//! The images are in a store, their names with the books in the database, and nothing makes the two
//! change together. So they change in an order in which whatever is cut off leaves no book pointing
//! at nothing: images are stored before a book points at them, and deleted long after the last has
//! ceased to. What is left over in between is collected.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bookshelf_domain::books::{Book, BookId, BookRepository, CoverUpdate};
use bookshelf_domain::covers::{
    CoverCodec, CoverHash, CoverImages, CoverName, CoverSize, CoverStore,
};
use bookshelf_domain::{Clock, Expected};
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::{Actor, Admin, Error};

/// How old a cover is before it may be collected. No upload takes nearly as long.
const GRACE: TimeDelta = TimeDelta::days(1);
/// How long after it was made a book may be pointed at a cover: far less, so that no difference
/// between the clocks of several servers matters.
const FRESH: TimeDelta = TimeDelta::hours(12);
/// How many covers are asked about at once.
const BATCH: usize = 500;

/// The use cases of covers.
#[derive(Clone)]
pub struct Covers {
    books: Arc<dyn BookRepository>,
    store: Arc<dyn CoverStore>,
    codec: Arc<dyn CoverCodec>,
    clock: Arc<dyn Clock>,
}

impl Covers {
    pub fn new(
        books: Arc<dyn BookRepository>,
        store: Arc<dyn CoverStore>,
        codec: Arc<dyn CoverCodec>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { books, store, codec, clock }
    }

    /// Whether the book is there, and as the writer expects it: to be asked before an upload is
    /// read in vain.
    pub async fn expect(&self, _: &Actor, id: BookId, expected: &Expected) -> Result<Book, Error> {
        let book = self.books.find(id).await?.ok_or(Error::NotFound("book"))?;
        if expected.allows(book.version) { Ok(book) } else { Err(Error::Stale) }
    }

    /// Gives a book the cover that was uploaded, in place of any other.
    pub async fn replace(
        &self,
        actor: &Actor,
        id: BookId,
        expected: Expected,
        upload: Vec<u8>,
    ) -> Result<Book, Error> {
        let images = self.codec.encode(upload).await?;
        let (hash, format) = (hash(&images), images.format);
        let book = self.expect(actor, id, &expected).await?;
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

    /// The cover that a book has now.
    pub async fn find(&self, id: BookId) -> Result<CoverName, Error> {
        let book = self.books.find(id).await?.ok_or(Error::NotFound("book"))?;
        book.cover.ok_or(Error::NotFound("cover"))
    }

    /// The image of a cover that the book had just now.
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
        tracing::error!(book_id = id, %cover, "the store has lost a cover");
        Err(Error::NotFound("cover"))
    }

    pub async fn remove(&self, _: &Admin, id: BookId, expected: Expected) -> Result<(), Error> {
        let update = CoverUpdate { id, expected, cover: None, at: self.clock.now() };
        self.books.set_cover(update).await?;
        Ok(())
    }

    /// Deletes the covers of one of the 256 parts of the store that no book points at, and returns
    /// how many there were. Safe beside any number of uploads and of others that collect, because a
    /// name is used only once: see [`CoverName`].
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

/// Of both images, with the length of the first between them.
fn hash(images: &CoverImages) -> CoverHash {
    let mut digest = Sha256::new();
    digest.update((images.full.len() as u64).to_be_bytes());
    digest.update(&images.full);
    digest.update(&images.thumb);
    CoverHash::new(digest.finalize().into())
}
