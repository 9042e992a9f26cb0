use std::collections::BTreeMap;

use async_trait::async_trait;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::{Book, BookId, OnConflict, RatingSummary};
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, NewShelfEntry, ReadingStatus, ShelfBatch, ShelfEntry,
    ShelfEntryId, ShelfError, ShelfFields, ShelfFilter, ShelfImportRow, ShelfQuery,
    ShelfRepository, ShelfStats, ShelfTarget, ShelfUpdate, WhenUnknown, YearCount,
};
use bookshelf_domain::{Expected, Listing, Made, SearchText, StoreError, Timestamp, Version};
use chrono::Datelike;

use crate::books::Books;
use crate::{Memory, Tables, list};

/// A stored entry, without its book.
#[derive(Clone)]
struct Row {
    id: ShelfEntryId,
    user_id: UserId,
    book_id: BookId,
    fields: ShelfFields,
    version: Version,
    added_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn with(&self, book: &Book) -> ShelfEntry {
        ShelfEntry {
            id: self.id,
            user_id: self.user_id,
            book: book.clone(),
            fields: self.fields.clone(),
            version: self.version,
            added_at: self.added_at,
            updated_at: self.updated_at,
        }
    }
}

#[derive(Default, Clone)]
pub(crate) struct Shelves {
    rows: BTreeMap<ShelfEntryId, Row>,
    last_id: i64,
}

impl Shelves {
    pub(crate) fn of_book(&self, book: BookId) -> u64 {
        self.rows.values().filter(|row| row.book_id == book).count() as u64
    }

    pub(crate) fn delete_of_book(&mut self, book: BookId) {
        self.rows.retain(|_, row| row.book_id != book);
    }

    pub(crate) fn delete_of_user(&mut self, user: UserId) {
        self.rows.retain(|_, row| row.user_id != user);
    }

    /// Deletes the oldest entries of a user, if there are more; returns whether it did.
    pub(crate) fn delete_oldest(&mut self, user: UserId, most: usize) -> bool {
        let mut mine = self.rows.values().filter(|row| row.user_id == user).map(|row| row.id);
        let Some(kept) = mine.nth(most) else { return false };
        self.rows.retain(|id, row| row.user_id != user || *id >= kept);
        true
    }

    /// Sums up the ratings of a book on all shelves.
    fn ratings(&self, book: BookId) -> RatingSummary {
        let rows = self.rows.values().filter(|row| row.book_id == book);
        rows.filter_map(|row| row.fields.rating).fold(RatingSummary::default(), |all, rating| {
            RatingSummary { sum: all.sum + i64::from(rating.get()), count: all.count + 1 }
        })
    }

    /// Sums up the ratings of every book again.
    pub(crate) fn rate(&self, books: &mut Books) {
        books.rate(|book| self.ratings(book));
    }

    fn count(&self, user: UserId) -> u64 {
        self.rows.values().filter(|row| row.user_id == user).count() as u64
    }

    fn about(&self, user: UserId, book: BookId) -> Option<ShelfEntryId> {
        let mut rows = self.rows.values();
        rows.find(|row| (row.user_id, row.book_id) == (user, book)).map(|row| row.id)
    }

    fn add(
        &mut self,
        user_id: UserId,
        book_id: BookId,
        fields: ShelfFields,
        (added_at, updated_at): (Timestamp, Timestamp),
    ) -> ShelfEntryId {
        self.last_id += 1;
        let id = ShelfEntryId::new(self.last_id);
        let row =
            Row { id, user_id, book_id, fields, version: Version::FIRST, added_at, updated_at };
        self.rows.insert(id, row);
        id
    }

    /// Returns whether anything changed.
    fn change(&mut self, id: ShelfEntryId, fields: ShelfFields, at: Timestamp) -> bool {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.fields != fields) else {
            return false;
        };
        row.fields = fields;
        row.version = row.version.next();
        row.updated_at = at;
        true
    }

    fn of(&self, user: UserId, id: ShelfEntryId) -> Option<&Row> {
        self.rows.get(&id).filter(|row| row.user_id == user)
    }

    fn expected(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: &Expected,
    ) -> Result<&Row, ShelfError> {
        let row = self.of(user, id).ok_or(ShelfError::NotFound)?;
        if expected.allows(row.version) { Ok(row) } else { Err(ShelfError::Stale) }
    }

    fn entry(&self, books: &Books, user: UserId, id: ShelfEntryId) -> Option<ShelfEntry> {
        self.of(user, id).and_then(|row| Some(row.with(books.get(row.book_id)?)))
    }

    /// Returns all entries of a user, by id.
    fn entries(&self, books: &Books, user: UserId) -> Vec<ShelfEntry> {
        self.rows.values().filter_map(|row| self.entry(books, user, row.id)).collect()
    }

    fn insert(&mut self, books: &mut Books, new: NewShelfEntry) -> Result<ShelfEntry, ShelfError> {
        let NewShelfEntry { user_id, target, when_unknown, most, fields, at, .. } = new;
        let book = match target {
            ShelfTarget::Existing(id) => books.get(id).ok_or(ShelfError::BookNotFound)?.id,
            ShelfTarget::Described(book) => {
                let known = book.isbn.and_then(|isbn| books.with_isbn(isbn)).map(|book| book.id);
                match known {
                    Some(known) => known,
                    None if when_unknown == WhenUnknown::Refuse => {
                        return Err(ShelfError::UnknownBook);
                    }
                    None => books.add(*book, at).id,
                }
            }
        };
        if let Some(by) = self.about(user_id, book) {
            return Err(ShelfError::AlreadyOnShelf { by });
        }
        if self.count(user_id) >= most {
            return Err(ShelfError::Full { most });
        }
        let id = self.add(user_id, book, fields, (at, at));
        self.rate(books);
        self.entry(books, user_id, id).ok_or(ShelfError::NotFound)
    }

    fn import_row(
        &mut self,
        books: &mut Books,
        user: UserId,
        row: ShelfImportRow,
        (on_conflict, when_unknown, most): (OnConflict, WhenUnknown, u64),
        at: Timestamp,
    ) -> ImportedEntry {
        let known = books.matching(&row.book).map(|book| book.id);
        if known.is_none() && when_unknown == WhenUnknown::Refuse {
            return ImportedEntry::UnknownBook;
        }
        let is_there = known.is_some_and(|book| self.about(user, book).is_some());
        if !is_there && self.count(user) >= most {
            return ImportedEntry::ShelfFull;
        }
        let book = known.unwrap_or_else(|| books.add(row.book, at).id);
        let Some(id) = self.about(user, book) else {
            let times = (row.added_at.unwrap_or(at), at);
            return ImportedEntry::Created(self.add(user, book, row.fields, times));
        };
        if on_conflict == OnConflict::Skip {
            return ImportedEntry::Skipped(id, MergeRemarks::default());
        }
        let Some(mine) = self.rows.get(&id).map(|mine| &mine.fields) else {
            return ImportedEntry::Skipped(id, MergeRemarks::default());
        };
        let (remarks, merged) = (mine.merge_remarks(&row.fields), mine.merge(&row.fields));
        if self.change(id, merged, at) {
            ImportedEntry::Updated(id, remarks)
        } else {
            ImportedEntry::Skipped(id, remarks)
        }
    }
}

fn matches(filter: &ShelfFilter, entry: &ShelfEntry) -> bool {
    let ShelfFilter { status, rating, search } = filter;
    let title = SearchText::new(entry.book.fields.title.as_str());
    let author = SearchText::new(entry.book.fields.author.as_str());
    status.is_none_or(|status| entry.fields.status == status)
        && rating.is_none_or(|rating| entry.fields.rating == Some(rating))
        && search.iter().all(|word| word.is_in(title.as_str(), author.as_str(), None))
}

#[async_trait]
impl ShelfRepository for Memory {
    async fn insert(&self, mut entry: NewShelfEntry) -> Result<Made<ShelfEntry>, ShelfError> {
        let idempotency_key = entry.idempotency_key.take();
        let Tables { users, books, shelves, stored_resources, .. } = &mut *self.tables();
        stored_resources.make_once(idempotency_key, entry.at, || {
            let (mut more_books, mut more) = (books.clone(), shelves.clone());
            let made = more.insert(&mut more_books, entry)?;
            users.get(made.user_id).ok_or(ShelfError::UserNotFound)?;
            (*books, *shelves) = (more_books, more);
            Ok(made)
        })
    }

    async fn find(&self, user: UserId, id: ShelfEntryId) -> Result<Option<ShelfEntry>, StoreError> {
        let tables = self.tables();
        Ok(tables.shelves.entry(&tables.books, user, id))
    }

    async fn list(&self, query: ShelfQuery) -> Result<Listing<ShelfEntry>, StoreError> {
        let tables = self.tables();
        let mut rows = tables.shelves.entries(&tables.books, query.user);
        rows.retain(|entry| matches(&query.filter, entry));
        let is_filtered = query.filter != ShelfFilter::default();
        let total = query.count.then(|| list::total(rows.len(), is_filtered));
        let position = |entry: &ShelfEntry| query.sort.position(entry);
        let (items, has_next) = list::page(rows, position, query.order, &query.start, query.limit);
        Ok(Listing { items, has_next, total })
    }

    async fn update(&self, update: ShelfUpdate) -> Result<ShelfEntry, ShelfError> {
        let Tables { books, shelves, .. } = &mut *self.tables();
        let ShelfUpdate { user_id, id, expected, patch, at } = update;
        let row = shelves.expected(user_id, id, &expected)?;
        let fields = patch.apply(&row.fields).map_err(ShelfError::Invalid)?;
        shelves.change(id, fields, at);
        shelves.rate(books);
        shelves.entry(books, user_id, id).ok_or(ShelfError::NotFound)
    }

    async fn delete(
        &self,
        user: UserId,
        id: ShelfEntryId,
        expected: Expected,
    ) -> Result<(), ShelfError> {
        let Tables { books, shelves, .. } = &mut *self.tables();
        shelves.expected(user, id, &expected)?;
        shelves.rows.remove(&id);
        shelves.rate(books);
        Ok(())
    }

    async fn stats(&self, user: UserId) -> Result<ShelfStats, StoreError> {
        let tables = self.tables();
        let mut stats = ShelfStats::default();
        let mut by_status = BTreeMap::<ReadingStatus, u64>::new();
        let mut by_year = BTreeMap::<i32, u64>::new();
        for ShelfEntry { fields, .. } in tables.shelves.entries(&tables.books, user) {
            *by_status.entry(fields.status).or_default() += 1;
            if let (ReadingStatus::Read, Some(day)) = (fields.status, fields.finished_on) {
                *by_year.entry(day.get().year()).or_default() += 1;
            }
            if let Some(rating) = fields.rating {
                stats.rating.sum += i64::from(rating.get());
                stats.rating.count += 1;
            }
        }
        stats.by_status = by_status.into_iter().collect();
        let years = by_year.into_iter().rev();
        stats.finished_by_year = years.map(|(year, count)| YearCount { year, count }).collect();
        Ok(stats)
    }

    async fn read_after(
        &self,
        user: UserId,
        after: ShelfEntryId,
        limit: u32,
    ) -> Result<Vec<ShelfEntry>, StoreError> {
        let tables = self.tables();
        let entries = tables.shelves.entries(&tables.books, user).into_iter();
        let limit = limit as usize;
        Ok(entries.filter(|entry| entry.id > after).take(limit).collect())
    }

    async fn import(
        &self,
        user: UserId,
        batch: ShelfBatch,
    ) -> Result<Vec<ImportedEntry>, ShelfError> {
        let Tables { users, books, shelves, .. } = &mut *self.tables();
        users.get(user).ok_or(ShelfError::UserNotFound)?;
        let ShelfBatch { rows, on_conflict, when_unknown, most, dry_run, at } = batch;
        let rules = (on_conflict, when_unknown, most);
        let (mut more_books, mut more) = (books.clone(), shelves.clone());
        let outcomes = rows
            .into_iter()
            .map(|row| more.import_row(&mut more_books, user, row, rules, at))
            .collect();
        more.rate(&mut more_books);
        if !dry_run {
            (*books, *shelves) = (more_books, more);
        }
        Ok(outcomes)
    }
}
