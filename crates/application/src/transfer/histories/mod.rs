//! Imports and exports of reading histories, which readers bring from other programs.
//!
//! The header of a file tells its format. `docs/reading-histories.md` lists what each column becomes. In
//! a file of another program a value that cannot be kept is left out with a remark. A row is rejected
//! only if it has no valid book, or a book that may not be added to the catalogue. In Bookshelf's own
//! format any invalid value rejects its row.

mod cells;
mod dates;
mod export;
mod formats;
mod html;
mod import;
mod reading_builder;
mod rows;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use bookshelf_domain::Clock;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::shelves::{ShelfRepository, WhenUnknown};

use super::outcome::ImportOptions;
use crate::{Operator, Reader, Writer};

pub use export::{HistoryExport, HistoryFormat};
pub use formats::Origin;
pub use import::{HistoryImport, HistoryOutcome};
pub use reading_builder::Reading;
pub use rows::{HistoryRow, HistoryRows};

/// Imports and exports of a user's shelf.
#[derive(Clone)]
pub struct Histories {
    shelves: Arc<dyn ShelfRepository>,
    clock: Arc<dyn Clock>,
}

impl Histories {
    pub fn new(shelves: Arc<dyn ShelfRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { shelves, clock }
    }

    /// An import into the caller's shelf. If the caller may not write the catalogue, a row is rejected
    /// when the catalogue does not have its book.
    pub fn import(&self, writer: &Writer, options: ImportOptions) -> HistoryImport {
        let (shelves, clock) = (self.shelves.clone(), self.clock.clone());
        HistoryImport::new(shelves, clock, writer.user_id(), writer.when_unknown(), options)
    }

    /// An import into the shelf of any user.
    pub fn import_as_operator(
        &self,
        _: Operator,
        user: UserId,
        options: ImportOptions,
    ) -> HistoryImport {
        let (shelves, clock) = (self.shelves.clone(), self.clock.clone());
        HistoryImport::new(shelves, clock, user, WhenUnknown::Add, options)
    }

    /// An export of the caller's shelf.
    pub fn export(&self, reader: &Reader, format: HistoryFormat) -> HistoryExport {
        HistoryExport::new(self.shelves.clone(), reader.user_id(), format)
    }
}
