use crate::books::{Author, BookFields, BookPatch, Description, Genre, Isbn, Title, Year};
use crate::draft::FieldReader;
use crate::{Change, Faults, Timestamp};

/// A book as a client sent it, unchecked.
///
/// ```
/// use bookshelf_domain::Change;
/// use bookshelf_domain::books::BookDraft;
///
/// let draft = BookDraft {
///     title: Change::Set("Dune".to_owned()),
///     year: Change::Set(9999),
///     ..BookDraft::default()
/// };
/// let faults = draft.into_fields("2026-11-21T00:00:00Z".parse().unwrap()).unwrap_err();
/// assert_eq!(faults.sentences("author"), ["is required"]);
/// assert_eq!(faults.sentences("year"), ["must be between -3000 and 2031"]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct BookDraft {
    /// The title, unchecked.
    pub title: Change<String>,
    /// The author, unchecked.
    pub author: Change<String>,
    /// The ISBN in any notation, unchecked.
    pub isbn: Change<String>,
    /// The genre, unchecked.
    pub genre: Change<String>,
    /// The year, unchecked.
    pub year: Change<i64>,
    /// The description, unchecked.
    pub description: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

impl BookDraft {
    /// Returns a whole book, or all the faults of the draft.
    pub fn into_fields(self, now: Timestamp) -> Result<BookFields, Faults> {
        let mut read = FieldReader::new(self.faults);
        let title = read.required("title", self.title, |text| Title::parse(text));
        let author = read.required("author", self.author, |text| Author::parse(text));
        let isbn = read.optional_text("isbn", self.isbn, Isbn::parse);
        let genre = read.optional_text("genre", self.genre, Genre::parse);
        let year = read.optional("year", self.year, |year| Year::new(*year, now));
        let description = read.optional_text("description", self.description, Description::parse);
        read.finish(|| {
            Some(BookFields {
                title: title?,
                author: author?,
                isbn: isbn.into_value(),
                genre: genre.into_value(),
                year: year.into_value(),
                description: description.into_value(),
            })
        })
    }

    /// Returns a change of some fields, or all the faults of the draft.
    pub fn into_patch(self, now: Timestamp) -> Result<BookPatch, Faults> {
        let mut read = FieldReader::new(self.faults);
        let title = read.not_cleared("title", self.title, |text| Title::parse(text));
        let author = read.not_cleared("author", self.author, |text| Author::parse(text));
        let isbn = read.optional_text("isbn", self.isbn, Isbn::parse);
        let genre = read.optional_text("genre", self.genre, Genre::parse);
        let year = read.optional("year", self.year, |year| Year::new(*year, now));
        let description = read.optional_text("description", self.description, Description::parse);
        read.finish(|| Some(BookPatch { title, author, isbn, genre, year, description }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fault, FaultCode};

    fn now() -> Timestamp {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn set<T>(value: impl Into<T>) -> Change<T> {
        Change::Set(value.into())
    }

    #[test]
    fn all_faults_are_reported_at_once() {
        let mut draft = BookDraft { isbn: set("12"), year: set(3000), ..Default::default() };
        draft.faults.add("colour", Fault::new(FaultCode::UnknownField, "is not a field"));
        draft.faults.add("author", Fault::new(FaultCode::WrongType, "must be text"));
        let faults = draft.into_fields(now()).unwrap_err();
        let fields: Vec<_> = faults.by_field().keys().map(String::as_str).collect();
        assert_eq!(fields, ["author", "colour", "isbn", "title", "year"]);
        assert_eq!(faults.sentences("author"), ["must be text"]);
        assert_eq!(faults.sentences("year"), ["must be between -3000 and 2031"]);
        assert_eq!(faults.by_field()["title"][0].code, FaultCode::Required);
    }

    #[test]
    fn a_patch_keeps_unnamed_fields_and_clears_null_ones() {
        let whole = BookDraft {
            title: set("A"),
            author: set("B"),
            genre: set("Drama"),
            year: set(-720),
            ..Default::default()
        };
        let fields = whole.into_fields(now()).unwrap();
        let patch = BookDraft { title: set("C"), genre: Change::Clear, ..Default::default() };
        let after = patch.into_patch(now()).unwrap().apply(&fields);
        assert_eq!(after.title.as_str(), "C");
        assert_eq!(after.author.as_str(), "B");
        assert_eq!(after.genre(), "Unknown");
        assert_eq!(after.year, fields.year);
    }

    #[test]
    fn a_genre_that_is_shown_as_before_does_not_change() {
        let fields = |genre: Change<String>| {
            let draft =
                BookDraft { title: set("A"), author: set("B"), genre, ..Default::default() };
            draft.into_fields(now()).unwrap()
        };
        let (without, with) = (fields(Change::Keep), fields(set("Unknown")));
        for (before, sent) in [(&without, &with), (&with, &without)] {
            assert_eq!(BookPatch::from(sent.clone()).apply(before), *before);
        }
        let drama = BookPatch::from(fields(set("Drama"))).apply(&without);
        assert_eq!(BookPatch::from(with).apply(&drama).genre(), "Unknown");
    }

    #[test]
    fn a_patch_cannot_clear_a_required_field() {
        let patch = BookDraft { title: Change::Clear, ..Default::default() };
        let faults = patch.into_patch(now()).unwrap_err();
        assert_eq!(faults.sentences("title"), ["is required"]);
    }
}
