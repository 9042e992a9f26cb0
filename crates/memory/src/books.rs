use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::books::{
    Book, BookError, BookFields, BookFilter, BookId, BookQuery, BookReader, BookRepository,
    BookUpdate, CoverUpdate, ImportBatch, ImportRow, Imported, Isbn, NewBook, OnConflict,
    RatingSummary, WhenShelved,
};
use bookshelf_domain::covers::CoverName;
use bookshelf_domain::{
    Expected, Folded, Listing, Made, SearchText, StoreError, Timestamp, Version,
};

use crate::{Memory, Tables, list};

#[derive(Default, Clone)]
pub(crate) struct Books {
    rows: BTreeMap<BookId, Book>,
    last_id: i64,
}

impl Books {
    pub(crate) fn get(&self, id: BookId) -> Option<&Book> {
        self.rows.get(&id)
    }

    /// Sets the rating of every book to what `ratings` returns for it.
    pub(crate) fn rate(&mut self, ratings: impl Fn(BookId) -> RatingSummary) {
        self.rows.values_mut().for_each(|book| book.rating = ratings(book.id));
    }

    fn insert(&mut self, fields: BookFields, at: Timestamp) -> Result<Book, BookError> {
        self.check_isbn(None, &fields)?;
        Ok(self.add(fields, at))
    }

    /// Adds a book whose ISBN no other book has.
    pub(crate) fn add(&mut self, fields: BookFields, at: Timestamp) -> Book {
        self.last_id += 1;
        let book = Book {
            id: BookId::new(self.last_id),
            fields,
            rating: RatingSummary::default(),
            cover: None,
            version: Version::FIRST,
            created_at: at,
            updated_at: at,
        };
        self.rows.insert(book.id, book.clone());
        book
    }

    /// Fails if a book other than `owner` has the ISBN.
    fn check_isbn(&self, owner: Option<BookId>, fields: &BookFields) -> Result<(), BookError> {
        match fields.isbn.and_then(|isbn| self.with_isbn(isbn)) {
            Some(book) if Some(book.id) != owner => Err(BookError::IsbnTaken { by: book.id }),
            _ => Ok(()),
        }
    }

    pub(crate) fn with_isbn(&self, isbn: Isbn) -> Option<&Book> {
        self.rows.values().find(|book| book.fields.isbn == Some(isbn))
    }

    fn expected(&self, id: BookId, expected: &Expected) -> Result<&Book, BookError> {
        let book = self.rows.get(&id).ok_or(BookError::NotFound)?;
        if expected.allows(book.version) { Ok(book) } else { Err(BookError::Stale) }
    }

    fn update(&mut self, update: BookUpdate) -> Result<Book, BookError> {
        let mut book = self.expected(update.id, &update.expected)?.clone();
        let fields = update.patch.apply(&book.fields);
        self.check_isbn(Some(book.id), &fields)?;
        if fields != book.fields {
            book.fields = fields;
            book.version = book.version.next();
            book.updated_at = update.at;
            self.rows.insert(book.id, book.clone());
        }
        Ok(book)
    }

    fn set_cover(&mut self, update: &CoverUpdate) -> Result<Book, BookError> {
        let mut book = self.expected(update.id, &Expected::Any)?.clone();
        if !update.expected.allows(&book) {
            return Err(BookError::Stale);
        }
        match (book.cover, update.cover) {
            (None, None) => return Err(BookError::NoCover),
            (Some(old), Some(new)) if old.hash == new.hash => return Ok(book),
            _ => {}
        }
        book.cover = update.cover;
        book.version = book.version.next();
        book.updated_at = update.at;
        self.rows.insert(book.id, book.clone());
        Ok(book)
    }

    fn import(&mut self, batch: &ImportBatch) -> Result<Vec<Imported>, BookError> {
        batch
            .rows
            .iter()
            .map(|row| self.import_row(row.clone(), batch.on_conflict, batch.at))
            .collect()
    }

    fn import_row(
        &mut self,
        row: ImportRow,
        on_conflict: OnConflict,
        at: Timestamp,
    ) -> Result<Imported, BookError> {
        let Some(known) = self.matching(&row.fields).cloned() else {
            return Ok(Imported::Created(self.insert(row.fields, at)?.id));
        };
        if on_conflict == OnConflict::Skip {
            return Ok(Imported::Skipped(known.id));
        }
        let update = BookUpdate { id: known.id, expected: Expected::Any, patch: row.patch, at };
        match self.update(update) {
            Ok(book) if book == known => Ok(Imported::Skipped(known.id)),
            Ok(_) => Ok(Imported::Updated(known.id)),
            Err(BookError::IsbnTaken { by }) => Ok(Imported::IsbnTaken { by }),
            Err(error) => Err(error),
        }
    }

    /// Finds the book that an imported row matches.
    pub(crate) fn matching(&self, fields: &BookFields) -> Option<&Book> {
        let name = |fields: &BookFields| {
            (Folded::new(fields.title.as_str()), Folded::new(fields.author.as_str()))
        };
        match fields.isbn {
            Some(isbn) => self.with_isbn(isbn),
            None => self.rows.values().find(|book| name(&book.fields) == name(fields)),
        }
    }
}

fn contains(text: &SearchText, part: &SearchText) -> bool {
    text.as_str().contains(part.as_str())
}

fn matches(filter: &BookFilter, book: &Book) -> bool {
    let BookFilter { title, author, search, genre, year, year_from, year_to, isbn } = filter;
    let its_title = SearchText::new(book.fields.title.as_str());
    let its_author = SearchText::new(book.fields.author.as_str());
    let its_isbn = book.fields.isbn.as_ref().map(Isbn::as_str);
    let its_year = book.fields.year.map(|year| year.get());
    title.as_ref().is_none_or(|part| contains(&its_title, part))
        && author.as_ref().is_none_or(|part| contains(&its_author, part))
        && search.iter().all(|word| word.is_in(its_title.as_str(), its_author.as_str(), its_isbn))
        && genre.as_ref().is_none_or(|genre| *genre == SearchText::new(book.fields.genre()))
        && year.is_none_or(|year| its_year == Some(year))
        && year_from.is_none_or(|from| its_year.is_some_and(|year| year >= from))
        && year_to.is_none_or(|to| its_year.is_some_and(|year| year <= to))
        && isbn.is_none_or(|isbn| book.fields.isbn == Some(isbn))
}

#[async_trait]
impl BookReader for Memory {
    async fn find(&self, id: BookId) -> Result<Option<Book>, StoreError> {
        Ok(self.tables().books.rows.get(&id).cloned())
    }

    async fn find_by_isbn(&self, isbn: Isbn) -> Result<Option<Book>, StoreError> {
        Ok(self.tables().books.with_isbn(isbn).cloned())
    }

    async fn list(&self, query: BookQuery) -> Result<Listing<Book>, StoreError> {
        let rows: Vec<Book> = self.tables().books.rows.values().cloned().collect();
        let rows: Vec<Book> =
            rows.into_iter().filter(|book| matches(&query.filter, book)).collect();
        let is_filtered = query.filter != BookFilter::default();
        let total = query.count.then(|| list::total(rows.len(), is_filtered));
        let position = |book: &Book| query.sort.position(book);
        let (items, has_next) = list::page(rows, position, query.order, &query.start, query.limit);
        Ok(Listing { items, has_next, total })
    }
}

#[async_trait]
impl BookRepository for Memory {
    async fn insert(&self, book: NewBook) -> Result<Made<Book>, BookError> {
        let NewBook { fields, at, idempotency_key } = book;
        let Tables { books, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, at, || books.insert(fields, at))
    }

    async fn read_after(&self, after: BookId, limit: u32) -> Result<Vec<Book>, StoreError> {
        let limit = limit as usize;
        let books = &self.tables().books.rows;
        Ok(books.values().filter(|book| book.id > after).take(limit).cloned().collect())
    }

    async fn update(&self, update: BookUpdate) -> Result<Book, BookError> {
        self.tables().books.update(update)
    }

    async fn set_cover(&self, update: CoverUpdate) -> Result<Book, BookError> {
        self.tables().books.set_cover(&update)
    }

    async fn used_covers(&self, names: Vec<CoverName>) -> Result<Vec<CoverName>, StoreError> {
        let books = &self.tables().books.rows;
        let is_used = |name: &CoverName| books.values().any(|book| book.cover == Some(*name));
        Ok(names.into_iter().filter(is_used).collect())
    }

    async fn delete(
        &self,
        id: BookId,
        expected: Expected,
        shelved: WhenShelved,
    ) -> Result<u64, BookError> {
        let Tables { books, shelves, .. } = &mut *self.tables();
        books.expected(id, &expected)?;
        let count = shelves.of_book(id);
        if count > 0 && shelved == WhenShelved::Refuse {
            return Err(BookError::InUse { book: id, shelves: count });
        }
        shelves.delete_of_book(id);
        books.rows.remove(&id);
        Ok(count)
    }

    async fn import(&self, batch: ImportBatch) -> Result<Vec<Imported>, StoreError> {
        let books = &mut self.tables().books;
        let mut after = books.clone();
        let outcomes = after.import(&batch).map_err(StoreError::unexpected)?;
        if !batch.dry_run {
            *books = after;
        }
        Ok(outcomes)
    }
}
