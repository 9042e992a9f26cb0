use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use bookshelf_domain::books::{
    BookDraft, BookFields, BookId, BookPatch, BookRepository, ImportBatch, ImportRow,
};
use bookshelf_domain::{Change, Clock, Faults};

use super::batch::Batch;
use super::dry_run::{DryRunRow, hash};
use super::limits::BATCH_BOOKS;
use super::outcome::{ImportOptions, ImportOutcome, ReportedRow};
use super::row::Row;
use crate::Error;

/// A running import of books. Rows are added one by one and written in batches.
///
/// A dry run keeps a few bytes of each new or changed book, up to a bound, so that it recognises the
/// book in later rows.
pub struct BookImport {
    repository: Arc<dyn BookRepository>,
    clock: Arc<dyn Clock>,
    batch: Batch<ImportRow>,
}

impl BookImport {
    pub(super) fn new(
        repository: Arc<dyn BookRepository>,
        clock: Arc<dyn Clock>,
        options: ImportOptions,
    ) -> Self {
        Self { repository, clock, batch: Batch::new(options, BATCH_BOOKS) }
    }

    /// Adds the next row. Returns its faults if it is rejected. The report lists them too.
    ///
    /// After an error the import has ended.
    pub async fn add(&mut self, row: Row) -> Result<Option<Faults>, Error> {
        match row.draft.and_then(|draft| self.check(draft)) {
            Ok(checked) => self.batch.add(row.line, checked),
            Err(faults) => {
                self.batch.reject(row.line, faults.clone());
                return Ok(Some(faults));
            }
        }
        if self.batch.is_full() {
            self.write().await?;
        }
        Ok(None)
    }

    /// Writes the rows that still wait.
    pub async fn finish(&mut self) -> Result<(), Error> {
        self.write().await
    }

    /// The report of the rows that were rejected or written. After an error it leaves out the batch
    /// that failed, of which nothing was written.
    pub fn into_outcome(self) -> ImportOutcome {
        self.batch.outcome
    }

    fn check(&self, draft: BookDraft) -> Result<ImportRow, Faults> {
        let now = self.clock.now();
        let fields = draft.clone().into_fields(now)?;
        let patch = draft.into_patch(now)?;
        Ok(ImportRow { fields, patch })
    }

    async fn write(&mut self) -> Result<(), Error> {
        let Some(rows) = self.batch.take() else { return Ok(()) };
        let ImportOptions { on_conflict, dry_run } = self.batch.options;
        let batch = ImportBatch { rows, on_conflict, dry_run, at: self.clock.now() };
        let reported: Vec<ReportedRow> =
            self.repository.import(batch).await?.into_iter().map(Into::into).collect();
        let mut originals = HashMap::new();
        for id in self.batch.first_changed(&reported) {
            let first = self.repository.read_after(BookId::new(id - 1), 1).await?.pop();
            if let Some(book) = first.filter(|book| book.id.get() == id) {
                originals.insert(id, state(&book.fields));
            }
        }
        self.batch.count(reported, originals);
        Ok(())
    }
}

impl DryRunRow for ImportRow {
    /// A hash of each field that an update can change.
    type State = [u64; 5];

    fn book(&self) -> &BookFields {
        &self.fields
    }

    fn state(&self) -> Self::State {
        state(&self.fields)
    }

    fn update(&self, state: &Self::State) -> Self::State {
        let BookPatch { title, author, isbn: _, genre, year, description } = &self.patch;
        let changes = [
            title.as_ref().map(|title| hash(&Some(title))),
            author.as_ref().map(|author| hash(&Some(author))),
            changed(genre),
            changed(year),
            changed(description),
        ];
        let mut updated = *state;
        for (field, change) in updated.iter_mut().zip(changes) {
            *field = change.unwrap_or(*field);
        }
        updated
    }
}

fn state(fields: &BookFields) -> [u64; 5] {
    // An update finds its book by the ISBN, so it cannot change it.
    let BookFields { title, author, isbn: _, genre, year, description } = fields;
    [hash(&Some(title)), hash(&Some(author)), hash(genre), hash(year), hash(description)]
}

fn changed<T: Hash>(change: &Change<T>) -> Option<u64> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(hash(&None::<&T>)),
        Change::Set(value) => Some(hash(&Some(value))),
    }
}
