use super::entry::check_days;
use crate::books::{BookDraft, BookFields, BookId};
use crate::draft::FieldReader;
use crate::shelves::{Notes, Rating, ReadingStatus, ShelfFields, ShelfPatch};
use crate::{Change, Fault, FaultCode, Faults, Timestamp};

/// A shelf entry as a client sent it, unchecked.
#[derive(Debug, Clone, Default)]
pub struct ShelfDraft {
    /// The id of the book of a new entry. Either this or `book` is sent.
    pub book_id: Change<i64>,
    /// The fields of the book of a new entry.
    pub book: Option<BookDraft>,
    /// The reading status, unchecked.
    pub status: Change<String>,
    /// The rating in stars, unchecked.
    pub rating: Change<i64>,
    /// The notes, unchecked.
    pub notes: Change<String>,
    /// The first day of reading as ISO 8601 has it, unchecked.
    pub started_on: Change<String>,
    /// The last day of reading as ISO 8601 has it, unchecked.
    pub finished_on: Change<String>,
    /// The faults that were found while the body was read: wrong types, unknown fields.
    pub faults: Faults,
}

/// The book of a new entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfTarget {
    /// A book of the catalogue.
    Existing(BookId),
    /// Found in the catalogue by its ISBN, or added to it.
    Described(Box<BookFields>),
}

impl ShelfDraft {
    /// The book and the fields of a new entry.
    pub fn into_entry(mut self, now: Timestamp) -> Result<(ShelfTarget, ShelfFields), Faults> {
        match self.take_target(now) {
            Ok(target) => Ok((target, self.into_fields()?)),
            Err(mut faults) => {
                if let Err(more) = self.into_fields() {
                    faults.extend_new_fields(more);
                }
                Err(faults)
            }
        }
    }

    fn take_target(&mut self, now: Timestamp) -> Result<ShelfTarget, Faults> {
        let conflict = "must not be sent together with book_id";
        match (&self.book_id, self.book.take()) {
            (Change::Set(id), None) => Ok(ShelfTarget::Existing(BookId::new(*id))),
            (Change::Set(_), Some(_)) => Err(Fault::new(FaultCode::Conflict, conflict).of("book")),
            (_, Some(book)) => book
                .into_fields(now)
                .map(|fields| ShelfTarget::Described(Box::new(fields)))
                .map_err(|faults| faults.under("book")),
            // The fault of the member that was sent is noted already.
            (_, None) if self.faults.has("book") || self.faults.has("book_id") => {
                Err(self.faults.clone())
            }
            (_, None) => {
                Err(Fault::new(FaultCode::Required, "is required unless book is sent")
                    .of("book_id"))
            }
        }
    }

    /// All the fields of an entry.
    pub fn into_fields(self) -> Result<ShelfFields, Faults> {
        self.into_patch()?.apply(&ShelfFields::default())
    }

    /// A change of some fields. A status that is cleared becomes the default.
    pub fn into_patch(self) -> Result<ShelfPatch, Faults> {
        let mut read = FieldReader::new(self.faults);
        let status = match read.optional("status", self.status, |text| text.parse()) {
            Change::Clear => Some(ReadingStatus::default()),
            status => status.into_value(),
        };
        let rating = read.optional("rating", self.rating, |stars| Rating::new(*stars));
        let notes = read.optional_text("notes", self.notes, Notes::parse);
        let started_on = read.optional("started_on", self.started_on, |text| text.parse());
        let finished_on = read.optional("finished_on", self.finished_on, |text| text.parse());
        // The patch is checked again with the fields that it leaves alone. Days that were both sent are
        // checked here, so that this fault is named beside the others.
        if let (Change::Set(start), Change::Set(end)) = (&started_on, &finished_on)
            && let Err(fault) = check_days(*start, *end)
        {
            read.fault("finished_on", fault);
        }
        read.finish(|| Some(ShelfPatch { status, rating, notes, started_on, finished_on }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn fields(faults: &Faults) -> Vec<&str> {
        faults.by_field().keys().map(String::as_str).collect()
    }

    #[test]
    fn all_faults_of_the_entry_and_of_its_book_are_reported() {
        let draft = ShelfDraft {
            book: Some(BookDraft { isbn: Change::Set("1".into()), ..Default::default() }),
            rating: Change::Set(6),
            status: Change::Set("burnt".into()),
            started_on: Change::Set("2026-2-1".into()),
            ..Default::default()
        };
        let faults = draft.into_entry(now()).unwrap_err();
        assert_eq!(
            fields(&faults),
            ["book.author", "book.isbn", "book.title", "rating", "started_on", "status"]
        );
    }

    #[test]
    fn an_entry_is_about_exactly_one_book() {
        let neither = ShelfDraft::default().into_entry(now()).unwrap_err();
        assert_eq!(fields(&neither), ["book_id"]);
        let both = ShelfDraft {
            book_id: Change::Set(1),
            book: Some(BookDraft::default()),
            ..Default::default()
        };
        assert_eq!(fields(&both.into_entry(now()).unwrap_err()), ["book"]);
    }

    #[test]
    fn a_status_that_is_cleared_becomes_the_default() {
        let draft = || ShelfDraft { status: Change::Clear, ..Default::default() };
        assert_eq!(draft().into_fields().unwrap().status, ReadingStatus::WantToRead);
        let read = ShelfFields { status: ReadingStatus::Read, ..Default::default() };
        let patch = draft().into_patch().unwrap();
        assert_eq!(patch.apply(&read).unwrap().status, ReadingStatus::WantToRead);
    }

    #[test]
    fn the_end_must_not_be_before_the_start() {
        let day = |text: &str| Change::Set(text.to_owned());
        let draft = |start, end| ShelfDraft {
            book_id: Change::Set(1),
            started_on: day(start),
            finished_on: day(end),
            ..Default::default()
        };
        assert!(draft("2026-02-01", "2026-02-01").into_entry(now()).is_ok());
        let faults = draft("2026-02-02", "2026-02-01").into_entry(now()).unwrap_err();
        assert_eq!(fields(&faults), ["finished_on"]);
        let more = ShelfDraft { rating: Change::Set(9), ..draft("2026-02-02", "2026-02-01") };
        assert_eq!(fields(&more.into_entry(now()).unwrap_err()), ["finished_on", "rating"]);
    }
}
