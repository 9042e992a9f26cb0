use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use bookshelf_domain::{Fault, FaultCode, Faults, shows_nothing};

use super::super::columns::{listed_name, plain_name};
use super::super::limits::MAX_LISTED_COLUMNS;

/// The columns of a file. If two have the same plain name, the first one is read.
pub(super) struct Header {
    columns: Vec<Column>,
    places: HashMap<String, usize>,
}

struct Column {
    name: String,
    plain_name: String,
    /// Whether a format has read a cell of this column.
    is_read: Cell<bool>,
}

impl Header {
    pub(super) fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut places = HashMap::new();
        let column = |(place, name): (usize, String)| {
            let plain_name = plain_name(&name);
            places.entry(plain_name.clone()).or_insert(place);
            Column { name, plain_name, is_read: Cell::new(false) }
        };
        let columns = names.into_iter().enumerate().map(column).collect();
        Self { columns, places }
    }

    pub(super) fn has(&self, plain_name: &str) -> bool {
        self.places.contains_key(plain_name)
    }

    /// Refuses a row with a value at one of these places that was read, although it is neither text
    /// nor a number.
    pub(super) fn refuse_read(&self, unusable: &[usize]) -> Result<(), Faults> {
        let mut faults = Faults::default();
        for column in unusable.iter().map(|place| &self.columns[*place]) {
            if column.is_read.get() {
                let fault = Fault::new(FaultCode::WrongType, "must be text or a number");
                faults.add(&listed_name(&column.name), fault);
            }
        }
        faults.into_result()
    }
}

/// The cells of a row, by the plain names of their columns.
pub(super) struct Cells<'a> {
    pub(super) header: &'a Header,
    pub(super) cells: Vec<Cow<'a, str>>,
}

impl Cells<'_> {
    /// The trimmed text of a cell, which is empty if there is no such column, or if it shows nothing.
    pub(super) fn get(&self, plain_name: &str) -> &str {
        let Some(&place) = self.header.places.get(plain_name) else { return "" };
        self.header.columns[place].is_read.set(true);
        let cell = self.cells.get(place).map_or("", |cell| cell.trim());
        if shows_nothing(cell) { "" } else { cell }
    }
}

/// The columns that a format does not read, each with the number of rows that have a value there.
#[derive(Default)]
pub(super) struct IgnoredColumns(BTreeMap<String, u64>);

impl IgnoredColumns {
    /// Counts the cells of a row that were not read. `repeated` are the columns that only repeat
    /// others.
    pub(super) fn count(&mut self, row: &Cells<'_>, repeated: &[&str]) {
        for (column, cell) in row.header.columns.iter().zip(&row.cells) {
            // 0 counts as empty, because columns such as "Owned Copies" hold it for most books.
            if matches!(cell.trim(), "" | "0") {
                continue;
            }
            let first = row.header.places[&column.plain_name];
            if row.header.columns[first].is_read.get()
                || repeated.contains(&column.plain_name.as_str())
            {
                continue;
            }
            let name = listed_name(column.name.trim());
            if self.0.len() < MAX_LISTED_COLUMNS || self.0.contains_key(&name) {
                *self.0.entry(name).or_default() += 1;
            }
        }
    }

    pub(super) fn by_name(&self) -> &BTreeMap<String, u64> {
        &self.0
    }
}
