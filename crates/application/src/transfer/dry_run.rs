use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use bookshelf_domain::Folded;
use bookshelf_domain::books::{BookFields, OnConflict};
use bookshelf_domain::shelves::MergeRemarks;

use super::limits::MAX_REMEMBERED;
use super::outcome::{ReportedRow, RowOutcome};

/// A row that a dry run can compare with earlier rows of the same book.
pub(super) trait DryRunRow: Clone {
    /// The part of a book or shelf entry that a dry run keeps. It has to be small.
    type State: PartialEq;

    fn book(&self) -> &BookFields;

    /// The bytes of its longest texts.
    fn bytes(&self) -> usize {
        let BookFields { title, author, description, .. } = self.book();
        let description = description.as_ref().map_or(0, |text| text.as_str().len());
        title.as_str().len() + author.as_str().len() + description
    }

    fn state(&self) -> Self::State;

    /// The state after an update by this row.
    fn update(&self, state: &Self::State) -> Self::State;

    /// The remarks of this update.
    fn remarks(&self, _: &Self::State) -> MergeRemarks {
        MergeRemarks::default()
    }
}

/// The books or entries that the earlier batches of a dry run would have added or changed.
///
/// A repository rolls back every batch of a dry run. So it reports a row as new even if an earlier
/// batch would have added its book, and as a change even if an earlier batch would have made it.
///
/// It remembers a bounded number of them. See [`DryRun::is_full`].
pub(super) struct DryRun<Row: DryRunRow> {
    /// The place in `states`, by the hash of an ISBN, of a title and an author, or of an id.
    places: HashMap<u64, u32>,
    /// Empty if the import skips existing books, because then nothing is compared.
    states: Vec<Row::State>,
    remembered: usize,
    is_full: bool,
}

impl<Row: DryRunRow> DryRun<Row> {
    pub(super) fn new() -> Self {
        Self { places: HashMap::new(), states: Vec::new(), remembered: 0, is_full: false }
    }

    /// Whether some books were not remembered. Later rows of these books are reported as if they
    /// were the first ones.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Whether this existing book or entry would have been changed by an earlier row.
    pub(super) fn has_changed(&self, id: i64) -> bool {
        self.places.contains_key(&existing(id))
    }

    /// The outcome that the row would have had, given the one that the repository reports.
    /// `originals` are the states of the existing books or entries that were not changed before.
    pub(super) fn correct(
        &mut self,
        row: &Row,
        on_conflict: OnConflict,
        reported: ReportedRow,
        originals: &mut HashMap<i64, Row::State>,
    ) -> RowOutcome {
        let ReportedRow { outcome, existing: id } = reported;
        let known = match (outcome, id) {
            (RowOutcome::Created | RowOutcome::ShelfFull, _) => {
                let BookFields { isbn, title, author, .. } = row.book();
                let isbn = isbn.as_ref().map(hash);
                let name = hash(&(Folded::new(title.as_str()), Folded::new(author.as_str())));
                let known = self.places.get(&isbn.unwrap_or(name)).copied();
                if known.is_none() && outcome == RowOutcome::Created {
                    let state = (on_conflict == OnConflict::Update).then(|| row.state());
                    self.remember(isbn.into_iter().chain([name]), state);
                }
                known
            }
            (_, Some(id)) if on_conflict == OnConflict::Update => {
                if !self.has_changed(id)
                    && let Some(original) = originals.remove(&id)
                {
                    self.remember([existing(id)], Some(original));
                }
                self.places.get(&existing(id)).copied()
            }
            _ => None,
        };
        let Some(place) = known else { return outcome };
        // A dry run that skips existing books keeps no states.
        let Some(state) = self.states.get_mut(place as usize) else {
            return RowOutcome::Skipped(MergeRemarks::default());
        };
        let remarks = row.remarks(state);
        let updated = row.update(state);
        if updated == *state {
            return RowOutcome::Skipped(remarks);
        }
        *state = updated;
        RowOutcome::Updated(remarks)
    }

    fn remember(&mut self, keys: impl IntoIterator<Item = u64>, state: Option<Row::State>) {
        if self.remembered == MAX_REMEMBERED {
            self.is_full = true;
            return;
        }
        // The bound is far below the largest number of 32 bits.
        let place = u32::try_from(self.remembered).unwrap_or(u32::MAX);
        for key in keys {
            self.places.entry(key).or_insert(place);
        }
        self.remembered += 1;
        self.states.extend(state);
    }
}

fn existing(id: i64) -> u64 {
    hash(&("id", id))
}

/// A hash of 64 bits that is kept instead of a value, to save memory. If two values had the same hash,
/// only the report of the dry run would be wrong.
pub(super) fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}
