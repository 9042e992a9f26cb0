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

use crate::http::{Slots, UserShare};

pub(crate) use routes::routes;

/// How many imports may run at once. Each has a thread, and they share one writer.
const IMPORTS: usize = 6;

/// How many exports may run at once. Each holds up to some megabytes in memory.
const EXPORTS: usize = 16;

/// The use cases of imports and exports, and how many may run at once.
pub struct Transfers {
    transfer: Transfer,
    histories: Histories,
    imports: Slots,
    exports: Slots,
}

impl Transfers {
    pub fn new(transfer: Transfer, histories: Histories) -> Self {
        let share = UserShare::one("an import or export");
        Self {
            transfer,
            histories,
            imports: Slots::new("an import", IMPORTS, share.clone()),
            exports: Slots::new("an export", EXPORTS, share),
        }
    }
}
