use std::fmt::Write;

use bookshelf_domain::StoreError;
use bookshelf_domain::books::{BookId, Imported, MockBookRepository, OnConflict};

use super::super::{Format, ImportOptions, ImportOutcome, Rows, Transfer};
use super::{over, rows, transfer};
use crate::Error;
use crate::tests::admin_writer;

async fn import(transfer: &Transfer, text: &str, options: ImportOptions) -> ImportOutcome {
    let mut import = transfer.import(&admin_writer(), options);
    for row in rows(text, Format::Csv) {
        import.add(row).await.unwrap();
    }
    import.finish().await.unwrap();
    import.into_outcome()
}

fn counts(outcome: &ImportOutcome) -> (u64, u64, u64, u64) {
    (outcome.created, outcome.updated, outcome.skipped, outcome.failed)
}

fn many(count: usize) -> String {
    let mut text = "title,author,genre\n".to_owned();
    for number in 0..count {
        writeln!(text, "Title {number},Author,Drama").unwrap();
    }
    text
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let (transfer, catalogue) = transfer();
    let text = many(1203);
    let first = import(&transfer, &text, ImportOptions::default()).await;
    assert_eq!(counts(&first), (1203, 0, 0, 0));
    let before = catalogue.lock().unwrap().clone();
    for on_conflict in [OnConflict::Skip, OnConflict::Update] {
        let options = ImportOptions { on_conflict, dry_run: false };
        assert_eq!(counts(&import(&transfer, &text, options).await), (0, 0, 1203, 0));
    }
    assert_eq!(*catalogue.lock().unwrap(), before);
}

#[tokio::test]
async fn an_update_keeps_the_fields_of_empty_cells() {
    let (transfer, catalogue) = transfer();
    let options = ImportOptions { on_conflict: OnConflict::Update, dry_run: false };
    import(&transfer, "title,author,isbn,genre,year\nA,B,0132350882,Drama,1999\n", options).await;
    let second = "title,author,isbn,genre,year\nA!,B,9780132350884,,2000\n";
    assert_eq!(counts(&import(&transfer, second, options).await), (0, 1, 0, 0));
    let fields = catalogue.lock().unwrap()[0].fields.clone();
    assert_eq!((fields.title.as_str(), fields.genre()), ("A!", "Drama"));
    assert_eq!(fields.year.unwrap().get(), 2000);
}

#[tokio::test]
async fn bad_rows_are_counted_and_the_first_thousand_listed() {
    let (transfer, _) = transfer();
    let mut text = "title,author\nGood,Ann\n".to_owned();
    text.push_str(&",Bob\n".repeat(1500));
    let outcome = import(&transfer, &text, ImportOptions::default()).await;
    assert_eq!(counts(&outcome), (1, 0, 0, 1500));
    assert_eq!(outcome.errors.len(), 1000);
    assert_eq!(outcome.errors[0].line, 3);
    assert_eq!(outcome.errors[0].details.to_string(), "title is required");
}

#[tokio::test]
async fn a_dry_run_reports_what_would_happen_across_batches() {
    // Rows of the first batch are repeated in the second, equal and changed.
    let mut text = many(700);
    text.push_str("Title 1,Author,Drama\nTitle 2,Author,Comedy\nTitle 2,Author,Comedy\n,Bob,\n");
    text.push_str("Title 3,Author,\nTitle 900,Author,\n");
    for on_conflict in [OnConflict::Skip, OnConflict::Update] {
        let (transfer, catalogue) = transfer();
        let dry = ImportOptions { on_conflict, dry_run: true };
        let reported = import(&transfer, &text, dry).await;
        assert_eq!(catalogue.lock().unwrap().len(), 0);
        let done = import(&transfer, &text, ImportOptions { on_conflict, dry_run: false }).await;
        assert_eq!(reported, done);
        assert_eq!(done.created, 701);
    }
}

#[tokio::test]
async fn a_dry_run_reports_changes_of_existing_books_across_batches() {
    let before = "title,author,genre,year\nTitle 1,Author,Drama,1990\nTitle 2,Author,Drama,1990\n";
    // The first batch changes both books. Later batches repeat the change, undo it, and make another.
    let filler = many(3000).lines().skip(500).map(|row| format!("{row},\n")).collect::<String>();
    let (first, second) = filler.split_at(filler.len() / 2);
    let text = format!(
        "title,author,genre,year\nTitle 1,Author,Comedy,\nTitle 2,Author,Comedy,\n{first}\
         Title 1,Author,Comedy,\nTitle 2,Author,Drama,1990\n{second}\
         Title 1,Author,,1991\nTitle 1,Author,Comedy,1991\nTitle 2,Author,Drama,\n"
    );
    for on_conflict in [OnConflict::Skip, OnConflict::Update] {
        let (transfer, catalogue) = transfer();
        import(&transfer, before, ImportOptions::default()).await;
        let kept = catalogue.lock().unwrap().clone();
        let dry = ImportOptions { on_conflict, dry_run: true };
        let reported = import(&transfer, &text, dry).await;
        assert_eq!(*catalogue.lock().unwrap(), kept);
        let done = import(&transfer, &text, ImportOptions { on_conflict, dry_run: false }).await;
        assert_eq!(counts(&reported), counts(&done));
        assert_eq!(done.updated, if on_conflict == OnConflict::Skip { 0 } else { 4 });
    }
}

#[tokio::test]
async fn a_report_is_small_whatever_the_names_of_columns() {
    let (transfer, _) = transfer();
    let name = "x".repeat(1024 * 1024 - 100);
    let mut text = format!("title,author,{name}\n").into_bytes();
    // The start of a file has to be text.
    text.extend(b"A,B,c\n".repeat(30));
    text.extend(b"A,B,\xff\n".repeat(1000));
    let mut import = transfer.import(&admin_writer(), ImportOptions::default());
    let mut rows = Rows::open(&text[..], Format::Csv, None).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        import.add(row).await.unwrap();
    }
    import.finish().await.unwrap();
    let outcome = import.into_outcome();
    assert_eq!((outcome.failed, outcome.errors.len()), (1000, 1000));
    let longest = outcome.errors.iter().map(|error| error.details.to_string().len()).max();
    assert!(longest.unwrap() < 300, "{longest:?}");
}

#[tokio::test]
async fn an_isbn_of_another_book_rejects_only_its_row() {
    let mut repository = MockBookRepository::new();
    repository.expect_import().returning(|_| {
        Ok(vec![
            Imported::Created(BookId::new(1)),
            Imported::IsbnTaken { by: BookId::new(7) },
            Imported::Skipped(BookId::new(2)),
        ])
    });
    let transfer = over(repository);
    let outcome = import(&transfer, &many(3), ImportOptions::default()).await;
    assert_eq!(counts(&outcome), (1, 0, 1, 1));
    let [error] = &outcome.errors[..] else { panic!("{outcome:?}") };
    assert_eq!((error.line, error.details.to_string()), (3, "isbn is that of book 7".to_owned()));
}

#[tokio::test]
async fn a_failing_store_stops_the_import() {
    let mut repository = MockBookRepository::new();
    repository.expect_import().returning(|_| Err(StoreError::Unavailable("full".into())));
    let transfer = over(repository);
    let mut import = transfer.import(&admin_writer(), ImportOptions::default());
    for row in rows(many(3), Format::Csv) {
        import.add(row).await.unwrap();
    }
    assert!(matches!(import.finish().await, Err(Error::Unavailable(_))));
    assert_eq!(import.into_outcome(), ImportOutcome::default());
}

#[tokio::test]
async fn a_stopped_import_reports_the_batches_that_were_written() {
    let mut repository = MockBookRepository::new();
    let mut batches = 0;
    repository.expect_import().returning(move |batch| {
        batches += 1;
        match batches {
            1 | 2 => Ok(batch.rows.iter().map(|_| Imported::Created(BookId::new(1))).collect()),
            _ => Err(StoreError::Unavailable("full".into())),
        }
    });
    let transfer = over(repository);
    let mut import = transfer.import(&admin_writer(), ImportOptions::default());
    let mut stopped = false;
    for row in rows(many(8000).replacen('\n', "\n,Nobody,\n", 1), Format::Csv) {
        stopped = import.add(row).await.is_err();
        if stopped {
            break;
        }
    }
    assert!(stopped);
    assert_eq!(counts(&import.into_outcome()), (4000, 0, 0, 1));
}
