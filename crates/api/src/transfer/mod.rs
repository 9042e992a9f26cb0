//! Imports and exports of files.

mod books;
mod format;
mod histories;
mod progress;
mod query;
mod routes;
mod view;

use bookshelf_application::transfer::Transfer;
use bookshelf_application::transfer::histories::Histories;

use crate::http::Slots;

pub(crate) use routes::routes;

/// How many imports of books may run at once. Each has a thread, and they share one writer.
const BOOK_IMPORTS: usize = 2;

/// How many imports of reading histories may run at once.
const HISTORY_IMPORTS: usize = 4;

/// How many exports may run at once. Each holds up to some megabytes in memory.
const EXPORTS: usize = 16;

/// The use cases of imports and exports, and how many may run at once.
pub struct Transfers {
    transfer: Transfer,
    histories: Histories,
    book_imports: Slots,
    history_imports: Slots,
    exports: Slots,
}

impl Transfers {
    pub fn new(transfer: Transfer, histories: Histories) -> Self {
        Self {
            transfer,
            histories,
            book_imports: Slots::new("imports", BOOK_IMPORTS),
            history_imports: Slots::new("imports", HISTORY_IMPORTS),
            exports: Slots::new("exports", EXPORTS),
        }
    }
}
