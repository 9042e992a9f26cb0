use garde::Validate;

use crate::books::{BookDraft, BookFields, BookId};
use crate::draft::{self, DraftContext, prose, required, valid};
use crate::shelves::{Notes, Rating, ReadingDate, ReadingStatus, ShelfFields, ShelfPatch};
use crate::{Change, Fault, Faults, Intent};

/// A shelf entry as somebody wrote it, unchecked.
#[derive(Debug, Clone, Default, Validate)]
#[garde(context(DraftContext))]
pub struct ShelfDraft {
    /// Read only where an entry is made: the book it is about …
    #[garde(skip)]
    pub book_id: Change<i64>,
    /// … or what that book is.
    #[garde(skip)]
    pub book: Option<BookDraft>,
    #[garde(custom(status_rule))]
    pub status: Change<String>,
    #[garde(custom(rating_rule))]
    pub rating: Change<i64>,
    #[garde(custom(prose::<10_000>))]
    pub notes: Change<String>,
    #[garde(custom(date_rule))]
    pub started_on: Change<String>,
    #[garde(custom(date_rule))]
    pub finished_on: Change<String>,
    #[garde(skip)]
    pub faults: Faults,
}

/// The book that a new entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfTarget {
    Existing(BookId),
    /// Found in the catalogue by its ISBN, or made.
    Described(Box<BookFields>),
}

impl ShelfDraft {
    /// What a new entry is about, and its fields.
    pub fn into_entry(
        mut self,
        context: &DraftContext,
    ) -> Result<(ShelfTarget, ShelfFields), Faults> {
        let target = self.target(context);
        let mut faults = Faults::default();
        if let Err(more) = &target {
            faults.extend_new_fields(more.clone());
        }
        let fields = self.into_fields(context);
        if let Err(more) = &fields {
            faults.extend_new_fields(more.clone());
        }
        faults.into_result()?;
        Ok((target?, fields?))
    }

    fn target(&mut self, context: &DraftContext) -> Result<ShelfTarget, Faults> {
        match (&self.book_id, self.book.take()) {
            (Change::Set(id), None) => Ok(ShelfTarget::Existing(*id)),
            (Change::Set(_), Some(_)) => {
                Err(Fault::new("must not stand beside book_id").of("book"))
            }
            (_, Some(book)) => book
                .into_fields(context)
                .map(|fields| ShelfTarget::Described(Box::new(fields)))
                .map_err(|faults| faults.under("book")),
            // Its reader has told what is wrong with the one that was sent.
            (_, None) if ["book", "book_id"].iter().any(|name| self.faults.has(name)) => {
                Err(self.faults.clone())
            }
            (_, None) => Err(Fault::new("is required, or book").of("book_id")),
        }
    }

    /// All the fields of an entry.
    pub fn into_fields(self, context: &DraftContext) -> Result<ShelfFields, Faults> {
        self.into_patch(context)?.apply(&ShelfFields::default())
    }

    /// A change of some fields.
    pub fn into_patch(self, context: &DraftContext) -> Result<ShelfPatch, Faults> {
        draft::check(&self, &self.faults, context)?;
        let patch = ShelfPatch {
            status: draft::read("status", self.status, |text| text.parse::<ReadingStatus>())?,
            rating: draft::read("rating", self.rating, |stars| Rating::new(*stars))?,
            notes: draft::read("notes", self.notes, |text| Notes::parse(text))?,
            started_on: draft::read("started_on", self.started_on, |text| text.parse())?,
            finished_on: draft::read("finished_on", self.finished_on, |text| text.parse())?,
        };
        Ok(patch)
    }
}

fn status_rule(field: &Change<String>, context: &DraftContext) -> garde::Result {
    if context.intent == Intent::Patch && matches!(field, Change::Clear) {
        return required(field, context);
    }
    valid(field, |text| text.parse::<ReadingStatus>())
}

fn rating_rule(field: &Change<i64>, _: &DraftContext) -> garde::Result {
    valid(field, |stars| Rating::new(*stars))
}

fn date_rule(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| text.parse::<ReadingDate>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> DraftContext {
        DraftContext { intent: Intent::Create, now: "2026-11-21T00:00:00Z".parse().unwrap() }
    }

    fn fields(faults: &Faults) -> Vec<&str> {
        faults.by_field().keys().map(String::as_str).collect()
    }

    #[test]
    fn all_faults_of_the_entry_and_of_its_book_are_told() {
        let draft = ShelfDraft {
            book: Some(BookDraft { isbn: Change::Set("1".into()), ..Default::default() }),
            rating: Change::Set(6),
            status: Change::Set("burnt".into()),
            started_on: Change::Set("2026-2-1".into()),
            ..Default::default()
        };
        let faults = draft.into_entry(&context()).unwrap_err();
        assert_eq!(
            fields(&faults),
            ["book.author", "book.isbn", "book.title", "rating", "started_on", "status"]
        );
    }

    #[test]
    fn an_entry_is_about_exactly_one_book() {
        let neither = ShelfDraft::default().into_entry(&context()).unwrap_err();
        assert_eq!(fields(&neither), ["book_id"]);
        let both = ShelfDraft {
            book_id: Change::Set(1),
            book: Some(BookDraft::default()),
            ..Default::default()
        };
        assert_eq!(fields(&both.into_entry(&context()).unwrap_err()), ["book"]);
    }

    #[test]
    fn nobody_finishes_before_starting() {
        let day = |text: &str| Change::Set(text.to_owned());
        let draft = |start, end| ShelfDraft {
            book_id: Change::Set(1),
            started_on: day(start),
            finished_on: day(end),
            ..Default::default()
        };
        assert!(draft("2026-02-01", "2026-02-01").into_entry(&context()).is_ok());
        let faults = draft("2026-02-02", "2026-02-01").into_entry(&context()).unwrap_err();
        assert_eq!(fields(&faults), ["finished_on"]);
    }
}
