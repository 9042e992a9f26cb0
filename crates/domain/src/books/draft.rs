use garde::Validate;

use crate::books::{Author, BookFields, BookPatch, Description, Genre, Isbn, Title, Year};
use crate::draft::{self, DraftContext, line, prose, required, valid};
use crate::{Change, Faults};

/// A book as somebody wrote it, unchecked.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct BookDraft {
    #[garde(custom(required), custom(line::<200>))]
    pub title: Change<String>,
    #[garde(custom(required), custom(line::<200>))]
    pub author: Change<String>,
    #[garde(custom(isbn_rule))]
    pub isbn: Change<String>,
    #[garde(custom(line::<50>))]
    pub genre: Change<String>,
    #[garde(custom(year_rule))]
    pub year: Change<i64>,
    #[garde(custom(prose::<2000>))]
    pub description: Change<String>,
    /// What its reader found wrong already: wrong types, unknown fields.
    #[garde(skip)]
    pub faults: Faults,
}

impl BookDraft {
    /// A whole book, or all that is wrong with the draft.
    pub fn into_fields(self, context: &DraftContext) -> Result<BookFields, Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok(BookFields {
            title: draft::read_required("title", self.title, |text| Title::parse(text))?,
            author: draft::read_required("author", self.author, |text| Author::parse(text))?,
            isbn: draft::read("isbn", self.isbn, |text| Isbn::parse(text))?.into_value(),
            genre: draft::read("genre", self.genre, |text| Genre::parse(text))?.into_value(),
            year: draft::read("year", self.year, |year| Year::new(*year, context.now))?
                .into_value(),
            description: draft::read("description", self.description, |text| {
                Description::parse(text)
            })?
            .into_value(),
        })
    }

    /// A change of some fields, or all that is wrong with the draft.
    pub fn into_patch(self, context: &DraftContext) -> Result<BookPatch, Faults> {
        draft::check(&self, &self.faults, context)?;
        Ok(BookPatch {
            title: draft::read("title", self.title, |text| Title::parse(text))?.into_value(),
            author: draft::read("author", self.author, |text| Author::parse(text))?.into_value(),
            isbn: draft::read("isbn", self.isbn, |text| Isbn::parse(text))?,
            genre: draft::read("genre", self.genre, |text| Genre::parse(text))?,
            year: draft::read("year", self.year, |year| Year::new(*year, context.now))?,
            description: draft::read("description", self.description, |text| {
                Description::parse(text)
            })?,
        })
    }
}

fn isbn_rule(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| Isbn::parse(text))
}

fn year_rule(field: &Change<i64>, context: &DraftContext) -> garde::Result {
    valid(field, |year| Year::new(*year, context.now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Intent;

    fn context(intent: Intent) -> DraftContext {
        DraftContext { intent, now: "2026-11-21T00:00:00Z".parse().unwrap() }
    }

    fn set<T>(value: impl Into<T>) -> Change<T> {
        Change::Set(value.into())
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut draft = BookDraft { isbn: set("12"), year: set(3000), ..Default::default() };
        draft.faults.add("colour", "is not a field");
        draft.faults.add("author", "must be text");
        let faults = draft.into_fields(&context(Intent::Create)).unwrap_err();
        let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(fields, ["author", "colour", "isbn", "title", "year"]);
        assert_eq!(faults.by_field()["author"], ["must be text"]);
        assert_eq!(faults.by_field()["year"], ["must be between -3000 and 2031"]);
    }

    #[test]
    fn a_replacement_that_misses_a_field_points_at_patch() {
        let draft = BookDraft { title: set("A"), ..Default::default() };
        let faults = draft.into_fields(&context(Intent::Replace)).unwrap_err();
        assert!(faults.by_field()["author"][0].contains("PATCH"));
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name_and_clears_what_is_null() {
        let whole = BookDraft {
            title: set("A"),
            author: set("B"),
            genre: set("Drama"),
            year: set(-720),
            ..Default::default()
        };
        let fields = whole.into_fields(&context(Intent::Create)).unwrap();
        let patch = BookDraft { title: set("C"), genre: Change::Clear, ..Default::default() };
        let after = patch.into_patch(&context(Intent::Patch)).unwrap().apply(&fields);
        assert_eq!(after.title.as_str(), "C");
        assert_eq!(after.author.as_str(), "B");
        assert_eq!(after.genre(), "Unknown");
        assert_eq!(after.year, fields.year);
    }

    #[test]
    fn a_patch_cannot_clear_what_is_required() {
        let patch = BookDraft { title: Change::Clear, ..Default::default() };
        let faults = patch.into_patch(&context(Intent::Patch)).unwrap_err();
        assert_eq!(faults.by_field()["title"], ["is required"]);
    }
}
