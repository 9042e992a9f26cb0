use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use bookshelf_domain::Folded;
use bookshelf_domain::books::{BookFields, OnConflict};
use bookshelf_domain::shelves::MergeRemarks;

use super::outcome::RowOutcome;

/// A row that a dry run can compare with earlier rows of the same book.
pub(super) trait DryRunRow: Clone {
    /// The part of a new book or shelf entry that a dry run keeps. It has to be small.
    type State: PartialEq;

    fn book(&self) -> &BookFields;

    fn state(&self) -> Self::State;

    /// The state after an update by this row.
    fn update(&self, state: &Self::State) -> Self::State;

    /// The remarks of this update.
    fn remarks(&self, _: &Self::State) -> MergeRemarks {
        MergeRemarks::default()
    }
}

/// The books or entries that the earlier batches of a dry run would have added.
///
/// A repository rolls back every batch of a dry run. So it reports a row as new even if an earlier
/// batch would have added its book.
pub(super) struct DryRun<Row: DryRunRow> {
    /// The place in `states`, by the hash of an ISBN, or of a title and an author.
    places: HashMap<u64, usize>,
    states: Vec<Row::State>,
}

impl<Row: DryRunRow> DryRun<Row> {
    pub(super) fn new() -> Self {
        Self { places: HashMap::new(), states: Vec::new() }
    }

    /// The outcome that the row would have had, given the one that the repository reports.
    pub(super) fn correct(
        &mut self,
        row: &Row,
        on_conflict: OnConflict,
        reported: RowOutcome,
    ) -> RowOutcome {
        if reported != RowOutcome::Created {
            return reported;
        }
        let BookFields { isbn, title, author, .. } = row.book();
        let isbn = isbn.as_ref().map(hash);
        let name = hash(&(Folded::new(title.as_str()), Folded::new(author.as_str())));
        let Some(&place) = self.places.get(&isbn.unwrap_or(name)) else {
            for key in isbn.into_iter().chain([name]) {
                self.places.entry(key).or_insert(self.states.len());
            }
            self.states.push(row.state());
            return reported;
        };
        if on_conflict == OnConflict::Skip {
            return RowOutcome::Skipped(MergeRemarks::default());
        }
        let remarks = row.remarks(&self.states[place]);
        let updated = row.update(&self.states[place]);
        if updated == self.states[place] {
            return RowOutcome::Skipped(remarks);
        }
        self.states[place] = updated;
        RowOutcome::Updated(remarks)
    }
}

/// A hash of 64 bits that is kept instead of a value, to save memory. If two values had the same hash,
/// only the report of the dry run would be wrong.
pub(super) fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}
