//! Faults of deletions and imports of books.

use std::sync::Mutex;

use bookshelf_domain::books::*;
use bookshelf_domain::{Expected, SearchText};

use crate::plant::{Count, Fault, fault, now};

pub(crate) fn deletions_and_imports() -> Vec<Fault> {
    vec![
        fault!("a deletion is only answered": books.expect_delete |m, id, expected, shelved| {
                let here = now(m.book_reader.find(id))?.ok_or(BookError::NotFound)?;
                if expected == Expected::OneOf(vec![here.version]) {
                    return Ok(0);
                }
                now(m.books.delete(id, expected, shelved))
            },
            breaks "a_deleted_book_is_gone" "of_simultaneous_deletions_one_succeeds"),
        fault!("the deletion of a missing book is stale":
            books.expect_delete |m, id, expected, shelved| {
                let any = expected == Expected::Any;
                match now(m.books.delete(id, expected, shelved)) {
                    Err(BookError::NotFound) if !any => Err(BookError::Stale),
                    answer => answer,
                }
            },
            breaks "a_missing_book_comes_before_a_stale_version"
                "of_simultaneous_deletions_one_succeeds"),
        fault!("a version is not checked by a deletion": books.expect_delete |m, id, _, shelved|
            now(m.books.delete(id, Expected::Any, shelved)),
            breaks "a_stale_version_deletes_nothing"),
        fault!("an ISBN stays taken by a deleted book": books.expect_insert |m, new|
            @taken = Mutex::new(Vec::new()); {
                let mut taken = taken.lock().unwrap();
                let isbn = new.fields.isbn;
                let held = taken.iter().find(|(held, _)| Some(*held) == isbn);
                if let Some((_, by)) = held {
                    return Err(BookError::IsbnTaken { by: *by });
                }
                let made = now(m.books.insert(new))?;
                taken.extend(isbn.map(|isbn| (isbn, made.clone().into_inner().id)));
                Ok(made)
            },
            breaks "an_isbn_is_free_once_its_book_is_deleted"),
        fault!("two deletions of one book succeed": books.expect_delete |m, id, expected, shelved|
            @missing = Count::default(); {
                match now(m.books.delete(id, expected, shelved)) {
                    Err(BookError::NotFound) if missing.reaches(10) => Ok(0),
                    answer => answer,
                }
            },
            breaks "of_simultaneous_deletions_one_succeeds"),
        fault!("rows are imported from the last": books.expect_import |m, mut batch| {
                batch.rows.reverse();
                let mut outcomes = now(m.books.import(batch))?;
                outcomes.reverse();
                Ok(outcomes)
            },
            breaks
                "new_rows_become_books_in_their_order"
                "a_row_without_one_is_matched_by_folded_title_and_author"
                "earlier_rows_of_the_batch_count_too"),
        fault!("a row with an unknown ISBN is matched by its name":
            books.expect_import |m, mut batch| {
                for row in &mut batch.rows {
                    if let Some(isbn) = row.fields.isbn
                        && now(m.book_reader.find_by_isbn(isbn))?.is_none()
                    {
                        row.fields.isbn = None;
                    }
                }
                now(m.books.import(batch))
            },
            breaks
                "new_rows_become_books_in_their_order"
                "a_row_with_an_isbn_is_matched_by_that_alone"
                "earlier_rows_of_the_batch_count_too"
                "the_same_batch_twice_changes_nothing"),
        fault!("accents do not matter to an import": books.expect_import |m, mut batch| {
                for row in &mut batch.rows {
                    let plain = |text: &str| SearchText::new(text).as_str().to_owned();
                    let books = now(m.books.read_after(BookId::new(0), 1000))?;
                    let name = |fields: &BookFields| {
                        (plain(fields.title.as_str()), plain(fields.author.as_str()))
                    };
                    let same = books.iter().find(|book| name(&book.fields) == name(&row.fields));
                    if let (Some(same), None) = (same, row.fields.isbn) {
                        row.fields.title = same.fields.title.clone();
                        row.fields.author = same.fields.author.clone();
                    }
                }
                now(m.books.import(batch))
            },
            breaks "a_row_without_one_is_matched_by_folded_title_and_author"),
        fault!("the newest match counts": books.expect_import |m, batch| {
                let names: Vec<_> = batch.rows.iter().map(|row| row.fields.title.clone()).collect();
                let mut outcomes = now(m.books.import(batch))?;
                let books = now(m.books.read_after(BookId::new(0), 1000))?;
                for (outcome, name) in outcomes.iter_mut().zip(names) {
                    let name = name.as_str().to_lowercase();
                    let mut same = books.iter().filter(|book| {
                        book.fields.title.as_str().to_lowercase() == name
                    });
                    if let (Imported::Skipped(_), Some(last)) = (&outcome, same.next_back()) {
                        *outcome = Imported::Skipped(last.id);
                    }
                }
                Ok(outcomes)
            },
            breaks "the_oldest_of_several_matches_counts"),
        fault!("rows of a batch do not see one another": books.expect_import |m, mut batch| {
                let mut seen = Vec::new();
                for row in &mut batch.rows {
                    let title = row.fields.title.as_str().to_lowercase();
                    if seen.contains(&title) {
                        row.fields.title = Title::parse("Another").unwrap();
                    }
                    seen.push(title);
                }
                now(m.books.import(batch))
            },
            breaks
                "new_rows_become_books_in_their_order"
                "a_row_without_one_is_matched_by_folded_title_and_author"
                "earlier_rows_of_the_batch_count_too"
                "the_same_batch_twice_changes_nothing"
                "the_total_of_all_books_follows_every_write"),
        fault!("what is to be skipped is updated": books.expect_import |m, mut batch| {
                batch.on_conflict = OnConflict::Update;
                now(m.books.import(batch))
            },
            breaks
                "a_row_with_an_isbn_is_matched_by_that_alone"
                "a_row_without_one_is_matched_by_folded_title_and_author"
                "the_oldest_of_several_matches_counts"
                "skip_changes_nothing"),
        fault!("what is to be updated is skipped": books.expect_import |m, mut batch| {
                batch.on_conflict = OnConflict::Skip;
                now(m.books.import(batch))
            },
            breaks
                "earlier_rows_of_the_batch_count_too"
                "update_changes_what_the_row_says"
                "a_row_that_takes_the_isbn_of_another_book_fails_alone"
                "an_imported_title_is_found_and_the_old_one_no_more"),
        fault!("a row that changes nothing is answered as an update":
            books.expect_import |m, batch| {
                let update = batch.on_conflict == OnConflict::Update;
                let mut outcomes = now(m.books.import(batch))?;
                for outcome in &mut outcomes {
                    if let (Imported::Skipped(id), true) = (*outcome, update) {
                        *outcome = Imported::Updated(id);
                    }
                }
                Ok(outcomes)
            },
            breaks
                "an_update_that_changes_nothing_is_skipped"
                "the_same_batch_twice_changes_nothing"),
        fault!("a dry run writes": books.expect_import |m, mut batch| {
                batch.dry_run = false;
                now(m.books.import(batch))
            },
            breaks
                "a_dry_run_tells_and_writes_nothing"
                "a_row_that_takes_the_isbn_of_another_book_fails_alone"
                "the_total_of_all_books_follows_every_write"),
        fault!("a row with a taken ISBN fails the batch": books.expect_import |m, batch| {
                let outcomes = now(m.books.import(batch))?;
                let taken = |outcome: &Imported| matches!(outcome, Imported::IsbnTaken { .. });
                match outcomes.iter().copied().find(taken) {
                    Some(taken) => Ok(vec![taken; outcomes.len()]),
                    None => Ok(outcomes),
                }
            },
            breaks "a_row_that_takes_the_isbn_of_another_book_fails_alone"),
        fault!("no rows are one outcome": books.expect_import |m, batch| {
                let outcomes = now(m.books.import(batch))?;
                let created = || vec![Imported::Created(BookId::new(0))];
                Ok(if outcomes.is_empty() { created() } else { outcomes })
            },
            breaks "an_empty_batch_is_no_trouble"),
        fault!("a third import of one file adds its books again": books.expect_import |m, mut batch|
            @count = Count::default(); {
                if count.reaches(11) {
                    for row in &mut batch.rows {
                        row.fields.isbn = None;
                        row.fields.author = Author::parse("nobody").unwrap();
                    }
                }
                now(m.books.import(batch))
            },
            breaks "simultaneous_imports_of_one_file_make_each_book_once"),
    ]
}
