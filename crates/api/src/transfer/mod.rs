//! Files in and out.

mod books;
mod format;
mod query;
mod routes;
mod view;

use bookshelf_application::transfer::Transfer;

use crate::http::Slots;

pub(crate) use routes::routes;

/// As many imports of books go on at once: each has a thread, and they share one writer.
const BOOK_IMPORTS: usize = 2;

/// As many exports go on at once: each holds up to some megabytes.
const EXPORTS: usize = 16;

/// What goes in and out, and how much of it at once.
pub struct Transfers {
    transfer: Transfer,
    book_imports: Slots,
    exports: Slots,
}

impl Transfers {
    pub fn new(transfer: Transfer) -> Self {
        Self { transfer, book_imports: Slots::new(BOOK_IMPORTS), exports: Slots::new(EXPORTS) }
    }
}
