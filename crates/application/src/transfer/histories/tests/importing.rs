use std::fmt::Write;
use std::sync::{Arc, Mutex};

use bookshelf_domain::books::{BookFields, OnConflict};
use bookshelf_domain::shelves::{
    ImportedEntry, MergeRemarks, MockShelfRepository, ReadingStatus, ShelfBatch, ShelfEntry,
    ShelfEntryId, ShelfError, ShelfFields, ShelfImportRow, WhenUnknown,
};
use bookshelf_domain::{StoreError, Timestamp, Version};

use crate::Error;
use crate::tests::{book, clock, now, writer, writer_of_shelf_only};
use crate::transfer::histories::{Histories, HistoryOutcome, HistoryRows};
use crate::transfer::limits::BATCH_ENTRIES;
use crate::transfer::{ImportOptions, ImportOutcome};

type Shelf = Arc<Mutex<Vec<ShelfEntry>>>;

/// Histories over a shelf that imports as the contract of the port says.
pub(super) fn histories() -> (Histories, Shelf) {
    let shelf = Shelf::default();
    let mut repository = MockShelfRepository::new();
    let kept = shelf.clone();
    repository.expect_import().returning(move |user, batch| {
        assert_eq!(user, writer().user_id());
        let mut entries = kept.lock().unwrap().clone();
        let outcomes = import(&mut entries, &batch);
        if !batch.dry_run {
            *kept.lock().unwrap() = entries;
        }
        Ok(outcomes)
    });
    let kept = shelf.clone();
    repository.expect_find().returning(move |_, id| {
        Ok(kept.lock().unwrap().iter().find(|entry| entry.id == id).cloned())
    });
    let kept = shelf.clone();
    repository.expect_read_after().returning(move |_, after, limit| {
        let entries = kept.lock().unwrap();
        let following = entries.iter().filter(|entry| entry.id > after);
        Ok(following.take(limit as usize).cloned().collect())
    });
    (with(repository), shelf)
}

fn with(repository: MockShelfRepository) -> Histories {
    Histories::new(Arc::new(repository), clock())
}

fn import(entries: &mut Vec<ShelfEntry>, batch: &ShelfBatch) -> Vec<ImportedEntry> {
    batch.rows.iter().map(|row| take(entries, row, batch)).collect()
}

fn take(entries: &mut Vec<ShelfEntry>, row: &ShelfImportRow, batch: &ShelfBatch) -> ImportedEntry {
    let found = entries.iter_mut().find(|entry| match row.book.isbn {
        Some(_) => entry.book.fields.isbn == row.book.isbn,
        None => {
            let book = &entry.book.fields;
            book.title == row.book.title && book.author == row.book.author
        }
    });
    let Some(entry) = found else {
        let id = ShelfEntryId::new(entries.len() as i64 + 1);
        let added_at = row.added_at.unwrap_or(batch.at);
        entries.push(entry(id.get(), row.book.clone(), row.fields.clone(), added_at));
        return ImportedEntry::Created(id);
    };
    if batch.on_conflict == OnConflict::Skip {
        return ImportedEntry::Skipped(entry.id, MergeRemarks::default());
    }
    let remarks = entry.fields.merge_remarks(&row.fields);
    let merged = entry.fields.merge(&row.fields);
    if merged == entry.fields {
        return ImportedEntry::Skipped(entry.id, remarks);
    }
    entry.fields = merged;
    ImportedEntry::Updated(entry.id, remarks)
}

pub(super) fn entry(
    id: i64,
    book_fields: BookFields,
    fields: ShelfFields,
    added_at: Timestamp,
) -> ShelfEntry {
    ShelfEntry {
        id: ShelfEntryId::new(id),
        user_id: writer().user_id(),
        book: book(id, book_fields),
        fields,
        version: Version::FIRST,
        added_at,
        updated_at: now(),
    }
}

pub(super) async fn imported(
    histories: &Histories,
    file: impl AsRef<[u8]>,
    options: ImportOptions,
) -> HistoryOutcome {
    let mut import = histories.import(&writer(), options);
    let mut rows = HistoryRows::open(file.as_ref(), None).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        import.add(row).await.unwrap();
    }
    import.finish().await.unwrap();
    import.into_outcome()
}

const MERGE: ImportOptions = ImportOptions { on_conflict: OnConflict::Update, dry_run: false };

fn counts(outcome: &HistoryOutcome) -> (u64, u64, u64, u64) {
    let ImportOutcome { created, updated, skipped, failed, .. } = outcome.rows;
    (created, updated, skipped, failed)
}

fn many(count: usize) -> String {
    let mut file = "Title,Author,My Rating,Exclusive Shelf,Date Read\n".to_owned();
    for number in 0..count {
        let rating = number % 6;
        writeln!(file, "Title {number},Ida Marsh,{rating},read,2020/01/01").unwrap();
    }
    file
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let (histories, shelf) = histories();
    let file = many(1203);
    assert_eq!(counts(&imported(&histories, &file, MERGE).await), (1203, 0, 0, 0));
    let before = shelf.lock().unwrap().clone();
    assert_eq!(counts(&imported(&histories, &file, MERGE).await), (0, 0, 1203, 0));
    assert_eq!(*shelf.lock().unwrap(), before);
}

#[tokio::test]
async fn only_a_newer_status_is_taken() {
    let (histories, shelf) = histories();
    let header = "title,author,read status,authors,dates read\n";
    let file = |status: &str, dates: &str| format!("{header}A,,{status},B,{dates}\n");
    for (status, dates, expected) in [
        ("to-read", "", ReadingStatus::WantToRead),
        ("read", "2024/01/01-2024/02/01", ReadingStatus::Read),
        ("currently-reading", "2023/01/01-", ReadingStatus::Read),
        ("to-read", "", ReadingStatus::Read),
        ("did-not-finish", "2025/01/01", ReadingStatus::Abandoned),
    ] {
        imported(&histories, file(status, dates), MERGE).await;
        assert_eq!(shelf.lock().unwrap()[0].fields.status, expected, "{status} {dates}");
    }
    let skip = ImportOptions { on_conflict: OnConflict::Skip, dry_run: false };
    let outcome = imported(&histories, file("read", "2026/01/01"), skip).await;
    assert_eq!(counts(&outcome), (0, 0, 1, 0));
}

#[tokio::test]
async fn a_later_reading_of_the_same_book_is_taken_over_with_remarks() {
    let header = "Title,Author,Exclusive Shelf,Date Read,My Rating,My Review\n";
    let first = "A,B,read,2020/01/01,3,fair\n";
    let again = "A,B,read,2024/06/30,5,good\n";
    for files in [
        vec![format!("{header}{first}"), format!("{header}{again}")],
        vec![format!("{header}{again}"), format!("{header}{first}")],
        vec![format!("{header}{first}{again}")],
        vec![format!("{header}{again}{first}")],
    ] {
        let (histories, shelf) = histories();
        let mut outcome = HistoryOutcome::default();
        for file in &files {
            outcome = imported(&histories, file, MERGE).await;
        }
        let fields = shelf.lock().unwrap()[0].fields.clone();
        assert_eq!(fields.finished_on.unwrap().to_string(), "2024-06-30");
        assert_eq!((fields.rating.unwrap().get(), fields.notes.unwrap().as_str()), (5, "good"));
        let remarked: Vec<_> = outcome.remarks[0].details.by_field().keys().cloned().collect();
        assert_eq!(remarked, ["finished_on", "notes", "rating"]);
        let dry = ImportOptions { dry_run: true, ..MERGE };
        if let [file] = &files[..] {
            let (histories, _) = self::histories();
            assert_eq!(imported(&histories, file, dry).await, outcome);
        }
    }
}

#[tokio::test]
async fn a_dry_run_reports_changes_of_existing_entries_across_batches() {
    let header = "Title,Author,My Rating,Exclusive Shelf,Date Read\n";
    let before = format!("{header}Title 1,Ida Marsh,2,to-read,\n");
    let change = "Title 1,Ida Marsh,5,read,2024/06/30\n";
    let filler: String = many(1200).lines().skip(500).map(|row| format!("{row}\n")).collect();
    let file = format!("{header}{change}{filler}{change}Title 1,Ida Marsh,4,read,2025/06/30\n");
    let (histories, shelf) = histories();
    imported(&histories, &before, MERGE).await;
    let kept = shelf.lock().unwrap().clone();
    let reported = imported(&histories, &file, ImportOptions { dry_run: true, ..MERGE }).await;
    assert_eq!(*shelf.lock().unwrap(), kept);
    let done = imported(&histories, &file, MERGE).await;
    assert_eq!(reported, done);
    assert_eq!((done.rows.updated, done.rows.skipped), (2, 1));
}

#[tokio::test]
async fn a_value_that_cannot_be_kept_does_not_reject_its_row() {
    let (histories, shelf) = histories();
    let file = "Title,Author,Exclusive Shelf,Year Published,Date Added\n\
                A,B,odd,9999,2100/01/01\n\
                ,B,read,,\n";
    let outcome = imported(&histories, file, MERGE).await;
    assert_eq!((counts(&outcome), outcome.remarked), ((1, 0, 0, 1), 1));
    let remark = &outcome.remarks[0];
    let fields: Vec<_> = remark.details.by_field().keys().map(String::as_str).collect();
    assert_eq!((remark.line, fields), (2, vec!["status", "year"]));
    assert_eq!(outcome.rows.errors[0].details.to_string(), "title is required");
    let shelf = shelf.lock().unwrap();
    assert_eq!((shelf[0].book.fields.year, shelf[0].added_at), (None, now()));
}

#[tokio::test]
async fn a_dry_run_reports_what_would_happen_across_batches() {
    let mut file = many(700);
    file.push_str(
        "Title 1,Ida Marsh,1,read,\nTitle 6,Ida Marsh,2,read,\nTitle 6,Ida Marsh,2,read,\n",
    );
    file.push_str("Title 900,Ida Marsh,1,read,\n,B,,,\n");
    for on_conflict in [OnConflict::Skip, OnConflict::Update] {
        let (histories, shelf) = histories();
        let dry = ImportOptions { on_conflict, dry_run: true };
        let reported = imported(&histories, &file, dry).await;
        assert_eq!(shelf.lock().unwrap().len(), 0);
        let real = ImportOptions { on_conflict, dry_run: false };
        assert_eq!(imported(&histories, &file, real).await, reported);
        let updated = u64::from(on_conflict == OnConflict::Update);
        assert_eq!(counts(&reported), (701, updated, 3 - updated, 1));
    }
}

#[tokio::test]
async fn only_the_first_thousand_remarks_are_listed() {
    let (histories, _) = histories();
    let rows = (0..1500).map(|number| format!("T{number},A,odd\n"));
    let file: String =
        std::iter::once("Title,Author,Exclusive Shelf\n".to_owned()).chain(rows).collect();
    let outcome = imported(&histories, file, MERGE).await;
    assert_eq!((outcome.remarked, outcome.remarks.len()), (1500, 1000));
}

#[tokio::test]
async fn a_failing_store_stops_the_import() {
    for (error, expected) in [
        (ShelfError::UserNotFound, "there is no such user"),
        (ShelfError::Store(StoreError::Unavailable("full".into())), "full"),
    ] {
        let error = Mutex::new(Some(error));
        let mut repository = MockShelfRepository::new();
        repository
            .expect_import()
            .returning(move |_, _| Err(error.lock().unwrap().take().unwrap()));
        let mut import = with(repository).import(&writer(), MERGE);
        let file = many(1);
        let mut rows = HistoryRows::open(file.as_bytes(), None).unwrap();
        import.add(rows.next_row().unwrap().unwrap()).await.unwrap();
        let error: Error = import.finish().await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(import.into_outcome(), HistoryOutcome::default());
    }
}

#[tokio::test]
async fn a_row_of_a_book_that_may_not_be_added_is_rejected_without_remarks() {
    let mut repository = MockShelfRepository::new();
    repository
        .expect_import()
        .withf(|_, batch| batch.when_unknown == WhenUnknown::Refuse)
        .once()
        .returning(|_, batch| Ok(vec![ImportedEntry::UnknownBook; batch.rows.len()]));
    let mut import = with(repository).import(&writer_of_shelf_only(), MERGE);
    let file = many(2);
    let mut rows = HistoryRows::open(file.as_bytes(), None).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        import.add(row).await.unwrap();
    }
    import.finish().await.unwrap();
    let outcome = import.into_outcome();
    assert_eq!((counts(&outcome), outcome.remarked), ((0, 0, 0, 2), 0));
    assert!(outcome.rows.errors[0].details.has("book"));
}

#[tokio::test]
async fn a_row_without_room_on_the_shelf_is_rejected_and_a_dry_run_counts_its_own_rows() {
    let repository = || {
        let (mut repository, mut written) = (MockShelfRepository::new(), 0);
        let import = move |_, batch: ShelfBatch| {
            assert_eq!(batch.most, ShelfEntry::MAX - if batch.dry_run { written } else { 0 });
            let outcomes = batch.rows.iter().enumerate().map(|(place, _)| match place {
                0 => ImportedEntry::Created(ShelfEntryId::new(1)),
                _ => ImportedEntry::ShelfFull,
            });
            written += 1;
            Ok(outcomes.collect())
        };
        repository.expect_import().times(2).returning(import);
        with(repository)
    };
    let rows = BATCH_ENTRIES as u64 + 2;
    for dry_run in [false, true] {
        let options = ImportOptions { dry_run, ..MERGE };
        let mut import = repository().import(&writer(), options);
        let file = many(rows as usize);
        let mut read = HistoryRows::open(file.as_bytes(), None).unwrap();
        while let Some(row) = read.next_row().unwrap() {
            import.add(row).await.unwrap();
        }
        import.finish().await.unwrap();
        let outcome = import.into_outcome();
        assert_eq!((counts(&outcome), outcome.remarked), ((2, 0, 0, rows - 2), 0));
        let sentence = outcome.rows.errors[0].details.to_string();
        assert!(sentence.contains("which has 100000 entries"), "{sentence}");
    }
}
