use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use bookshelf_domain::books::{BookFields, BookPatch, ImportRow, Imported, OnConflict};
use bookshelf_domain::{Change, Folded};

/// What a dry run would have written so far.
///
/// A repository rolls every batch of a dry run back, so it cannot know that a row repeats one of an
/// earlier batch. Hashes of what the new books are matched by, and of their fields, tell.
#[derive(Default)]
pub(super) struct Rehearsal {
    hasher: RandomState,
    by_key: HashMap<u64, usize>,
    books: Vec<Fingerprint>,
}

/// A hash of each field that an update can change.
type Fingerprint = [u32; 5];

impl Rehearsal {
    /// The outcome that the row would have had, given what the repository said of it.
    pub(super) fn correct(
        &mut self,
        row: &ImportRow,
        on_conflict: OnConflict,
        told: Imported,
    ) -> Imported {
        let Imported::Created(id) = told else { return told };
        let isbn = row.fields.isbn.map(|isbn| self.hasher.hash_one(isbn));
        let name = self.hasher.hash_one((
            Folded::new(row.fields.title.as_str()),
            Folded::new(row.fields.author.as_str()),
        ));
        let Some(&book) = self.by_key.get(&isbn.unwrap_or(name)) else {
            let book = self.books.len();
            self.books.push(self.fingerprint(&row.fields));
            for key in isbn.into_iter().chain([name]) {
                self.by_key.entry(key).or_insert(book);
            }
            return told;
        };
        if on_conflict == OnConflict::Update && self.update(book, &row.patch) {
            Imported::Updated(id)
        } else {
            Imported::Skipped(id)
        }
    }

    fn fingerprint(&self, fields: &BookFields) -> Fingerprint {
        [
            self.hash(&Some(&fields.title)),
            self.hash(&Some(&fields.author)),
            self.hash(&fields.genre.as_ref()),
            self.hash(&fields.year.as_ref()),
            self.hash(&fields.description.as_ref()),
        ]
    }

    /// Whether the patch changes anything.
    fn update(&mut self, book: usize, patch: &BookPatch) -> bool {
        let changes = [
            patch.title.as_ref().map(|title| self.hash(&Some(title))),
            patch.author.as_ref().map(|author| self.hash(&Some(author))),
            self.change(&patch.genre),
            self.change(&patch.year),
            self.change(&patch.description),
        ];
        let before = self.books[book];
        for (field, change) in self.books[book].iter_mut().zip(changes) {
            *field = change.unwrap_or(*field);
        }
        self.books[book] != before
    }

    fn change<T: Hash>(&self, change: &Change<T>) -> Option<u32> {
        match change {
            Change::Keep => None,
            Change::Clear => Some(self.hash(&None::<&T>)),
            Change::Set(value) => Some(self.hash(&Some(value))),
        }
    }

    fn hash<T: Hash>(&self, value: &Option<&T>) -> u32 {
        // Half of the bits is plenty to tell two values of one field apart.
        self.hasher.hash_one(value) as u32
    }
}
