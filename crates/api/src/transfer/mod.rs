//! Files in and out.

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

/// As many imports of books go on at once: each has a thread, and they share one writer.
const BOOK_IMPORTS: usize = 2;

/// As many imports of reading histories go on at once.
const HISTORY_IMPORTS: usize = 4;

/// As many exports go on at once: each holds up to some megabytes.
const EXPORTS: usize = 16;

/// What goes in and out, and how much of it at once.
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
            book_imports: Slots::new(BOOK_IMPORTS),
            history_imports: Slots::new(HISTORY_IMPORTS),
            exports: Slots::new(EXPORTS),
        }
    }
}
