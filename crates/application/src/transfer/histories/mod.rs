//! Imports and exports of reading histories, which readers bring from other programs.
//!
//! The header of a file tells its format. `docs/reading-histories.md` lists what each column becomes. In
//! a file of another program a value that cannot be kept is left out with a remark, and only a row
//! without a valid book is rejected. In Bookshelf's own format any invalid value rejects its row.

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
use bookshelf_domain::shelves::ShelfRepository;

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

    /// An import into the caller's shelf.
    pub fn import(&self, writer: &Writer, options: ImportOptions) -> HistoryImport {
        let (shelves, clock) = (self.shelves.clone(), self.clock.clone());
        HistoryImport::new(shelves, clock, writer.user_id(), options)
    }

    /// An import into the shelf of any user.
    pub fn import_as_operator(
        &self,
        _: Operator,
        user: UserId,
        options: ImportOptions,
    ) -> HistoryImport {
        HistoryImport::new(self.shelves.clone(), self.clock.clone(), user, options)
    }

    /// An export of the caller's shelf.
    pub fn export(&self, reader: &Reader, format: HistoryFormat) -> HistoryExport {
        HistoryExport::new(self.shelves.clone(), reader.user_id(), format)
    }
}
