use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A name as it is compared: letters and digits alone, in lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The columns of a file by name; of two with one name the first counts.
pub(super) struct Header {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Header {
    pub(super) fn new(names: Vec<String>) -> Self {
        let mut places = HashMap::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            places.entry(plain(name)).or_insert(place);
        }
        Self { names, places }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, place: usize) -> &str {
        self.names[place].trim()
    }
}

/// The cells of one row, to be asked for by the plain name of their column.
pub(super) struct Cells<'a> {
    pub(super) header: &'a Header,
    pub(super) cells: Vec<Cow<'a, str>>,
}

impl Cells<'_> {
    /// What stands in a column; nothing where there is no such column.
    pub(super) fn get(&self, name: &str) -> &str {
        self.header
            .places
            .get(name)
            .and_then(|place| self.cells.get(*place))
            .map_or("", |cell| cell.trim())
    }
}

/// As many names of columns are remembered.
const MOST_COLUMNS: usize = 100;

/// How many rows have something in a column that is not read.
#[derive(Default)]
pub(super) struct Ignored(BTreeMap<String, u64>);

impl Ignored {
    pub(super) fn count(&mut self, row: &Cells<'_>, taken: &[&str]) {
        for (place, cell) in row.cells.iter().enumerate() {
            // Most columns that count something stand at 0 for most books.
            if matches!(cell.trim(), "" | "0") {
                continue;
            }
            let name = row.header.name(place);
            if taken.contains(&plain(name).as_str()) {
                continue;
            }
            if let Some(count) = self.0.get_mut(name) {
                *count += 1;
            } else if self.0.len() < MOST_COLUMNS {
                self.0.insert(name.chars().take(100).collect(), 1);
            }
        }
    }

    pub(super) fn columns(&self) -> &BTreeMap<String, u64> {
        &self.0
    }
}
