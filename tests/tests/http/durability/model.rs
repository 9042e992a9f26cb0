//! What the clients were told, from which follows what the database must contain.

use std::collections::BTreeMap;

use bookshelf_tests::app::Login;
use serde_json::{Value, json};

/// The books and shelf entries of one writer, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) books: BTreeMap<u64, Book>,
    pub(super) entries: BTreeMap<u64, Entry>,
}

/// Every field but the title follows from the stamp, so a write of which only a part remained is
/// noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Book {
    /// Unique, and begins with the prefix of its writer.
    pub(super) title: String,
    pub(super) stamp: u64,
}

/// As with a book, every field but the book follows from the stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) book: u64,
    pub(super) stamp: u64,
}

/// What a writer asks of the server.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create(Creation),
    Patch {
        book: u64,
        stamp: u64,
    },
    /// Deletes a book, and the entry of its writer.
    Delete {
        book: u64,
    },
    Shelve {
        book: u64,
        stamp: u64,
    },
    /// Adds a book and an entry in one request.
    ShelveNew(Book),
    Rate {
        entry: u64,
        stamp: u64,
    },
    Unshelve {
        entry: u64,
    },
    Refresh,
    /// Sends the acknowledged creation of this index again.
    Retry(usize),
}

/// A book that is created under an idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Creation {
    pub(super) key: String,
    pub(super) book: Book,
}

/// One client and what it knows.
pub(super) struct Writer {
    pub(super) prefix: String,
    pub(super) login: Login,
    pub(super) state: State,
    /// The creations that were acknowledged, each with the bytes of the response.
    pub(super) created: Vec<(Creation, Vec<u8>)>,
    /// The step whose answer did not arrive. It may have been carried out.
    pub(super) pending: Option<Step>,
    pub(super) dice: Dice,
    /// How many titles and keys it has made up.
    pub(super) names: u64,
}

impl Book {
    pub(super) fn fields(&self) -> Value {
        let mut fields = Self::changes(self.stamp);
        fields["title"] = json!(self.title);
        fields
    }

    /// The fields that follow from a stamp.
    pub(super) fn changes(stamp: u64) -> Value {
        json!({
            "author": format!("author {stamp}"),
            "genre": format!("g{stamp}"),
            "year": stamp % 2000,
            "description": stamp.to_string(),
        })
    }

    /// Reads a book, and asserts that it has all fields of one stamp.
    pub(super) fn read(view: &Value) -> Self {
        let stamp = view["description"].as_str().unwrap().parse().unwrap();
        let book = Self { title: view["title"].as_str().unwrap().into(), stamp };
        assert_whole(view, &book.fields());
        book
    }
}

impl Entry {
    /// The fields that follow from a stamp. Every sixth entry has no rating.
    pub(super) fn changes(stamp: u64) -> Value {
        let status = ["want_to_read", "reading", "read", "abandoned"][(stamp % 4) as usize];
        json!({"status": status, "rating": rating(stamp), "notes": stamp.to_string()})
    }

    /// Reads an entry, and asserts that it has all fields of one stamp.
    pub(super) fn read(view: &Value) -> Self {
        let stamp = view["notes"].as_str().unwrap().parse().unwrap();
        assert_whole(view, &Self::changes(stamp));
        Self { book: view["book"]["id"].as_u64().unwrap(), stamp }
    }

    pub(super) fn rating(&self) -> Option<u64> {
        rating(self.stamp)
    }
}

fn rating(stamp: u64) -> Option<u64> {
    (!stamp.is_multiple_of(6)).then(|| stamp % 5 + 1)
}

fn assert_whole(view: &Value, fields: &Value) {
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&view[name], value, "{name} belongs to another write: {view}");
    }
}

impl State {
    /// Notes what a step did. `book` and `entry` are the ids of what it made.
    pub(super) fn apply(&mut self, step: &Step, book: Option<u64>, entry: Option<u64>) {
        match step {
            Step::Create(creation) => {
                self.books.insert(book.unwrap(), creation.book.clone());
            }
            Step::Patch { book, stamp } => self.books.get_mut(book).unwrap().stamp = *stamp,
            Step::Delete { book } => {
                self.books.remove(book);
                self.entries.retain(|_, entry| entry.book != *book);
            }
            Step::Shelve { book, stamp } => {
                self.entries.insert(entry.unwrap(), Entry { book: *book, stamp: *stamp });
            }
            Step::ShelveNew(made) => {
                let (book, stamp) = (book.unwrap(), made.stamp);
                self.books.insert(book, made.clone());
                self.entries.insert(entry.unwrap(), Entry { book, stamp });
            }
            Step::Rate { entry, stamp } => self.entries.get_mut(entry).unwrap().stamp = *stamp,
            Step::Unshelve { entry } => {
                self.entries.remove(entry);
            }
            Step::Refresh | Step::Retry(_) => {}
        }
    }

    /// The state after a step of which only the effect can be seen. Returns nothing if the step made
    /// something that is not there.
    pub(super) fn after(&self, step: &Step, seen: &Self) -> Option<Self> {
        let new = |seen: Vec<u64>| (seen.len() == 1).then(|| seen[0]);
        let book = new(missing(&seen.books, &self.books));
        let entry = new(missing(&seen.entries, &self.entries));
        let (needs_book, needs_entry) = match step {
            Step::Create(_) => (true, false),
            Step::Shelve { .. } => (false, true),
            Step::ShelveNew(_) => (true, true),
            _ => (false, false),
        };
        if needs_book && book.is_none() || needs_entry && entry.is_none() {
            return None;
        }
        let mut state = self.clone();
        state.apply(step, book, entry);
        Some(state)
    }
}

/// The keys of `all` that `known` lacks.
fn missing<T>(all: &BTreeMap<u64, T>, known: &BTreeMap<u64, T>) -> Vec<u64> {
    all.keys().filter(|id| !known.contains_key(id)).copied().collect()
}

/// Random numbers that depend on a seed alone (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// One of these values, unless there is none.
    pub(super) fn pick<T>(&mut self, values: impl IntoIterator<Item = T>) -> Option<T> {
        let mut values: Vec<_> = values.into_iter().collect();
        (!values.is_empty()).then(|| values.swap_remove(self.below(values.len())))
    }
}
