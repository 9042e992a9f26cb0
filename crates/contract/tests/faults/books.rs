use std::sync::Mutex;

use bookshelf_contract::books::contract;
use bookshelf_domain::books::*;
use bookshelf_domain::covers::CoverFormat;
use bookshelf_domain::{Change, Expected, Made, Version};
use chrono::SubsecRound;

use crate::book_imports::deletions_and_imports;
use crate::book_lists::lists;
use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};

const SLOW: [&str; 4] = [
    "a_filtered_total_is_capped_and_a_whole_one_exact",
    "a_page_anywhere_is_a_part_of_the_whole_list",
    "every_walk_gives_every_book_once",
    "a_filtered_walk_gives_every_match_once",
];

#[tokio::test]
async fn every_fault_of_writes_is_found() {
    every_fault_is_found(contract(), &writes(), &SLOW).await;
    every_fault_is_found(contract(), &deletions_and_imports(), &SLOW).await;
}

#[tokio::test]
async fn every_fault_of_lists_is_found() {
    every_fault_is_found(contract(), &lists(), &SLOW).await;
}

#[test]
fn every_clause_has_a_fault() {
    let faults = writes().into_iter().chain(deletions_and_imports()).chain(lists());
    every_clause_is_broken(&contract(), &faults.collect::<Vec<_>>());
}

/// Changes a book that was made.
fn made(made: Made<Book>, change: impl FnOnce(&mut Book)) -> Made<Book> {
    let mut book = made.into_inner();
    change(&mut book);
    Made::Now(book)
}

fn writes() -> Vec<Fault> {
    vec![
        fault!("a new book is answered with version 0": books.expect_insert |m, new|
            now(m.books.insert(new)).map(|it| made(it, |book| book.version = Version::new(0))),
            breaks
                "a_new_book_has_version_one_and_no_ratings"
                "simultaneous_inserts_all_get_ids_of_their_own"
                "a_book_comes_back_to_the_byte"
                "a_change_raises_the_version_and_sets_the_time"
                "a_patch_that_changes_nothing_leaves_version_and_time_alone"
                "a_stale_version_comes_before_a_taken_isbn"
                "a_taken_isbn_names_its_holder_and_changes_nothing"
                "a_cover_is_there_until_it_is_taken_away"
                "a_missing_book_comes_before_a_stale_version_before_a_missing_cover"
                "a_stale_version_deletes_nothing"
                "an_isbn_is_free_once_its_book_is_deleted"
                "a_row_with_an_isbn_is_matched_by_that_alone"
                "skip_changes_nothing"
                "an_update_that_changes_nothing_is_skipped"
                "a_dry_run_tells_and_writes_nothing"
                "a_row_that_takes_the_isbn_of_another_book_fails_alone"
                "what_was_written_is_there_after_reopening"),
        fault!("every eighth book is answered with the first id": books.expect_insert |m, new|
            @count = Count::default(); {
                let answer = now(m.books.insert(new))?;
                let eighth = count.next() % 8 == 0;
                Ok(made(answer, |book| if eighth { book.id = BookId::new(1) }))
            },
            breaks
                "ids_grow"
                "simultaneous_inserts_all_get_ids_of_their_own"
                "of_simultaneous_claims_of_one_isbn_one_succeeds"
                "the_total_of_all_books_follows_every_write"),
        fault!("the id of a deleted book is given again": books.expect_insert |m, new| {
                let answer = now(m.books.insert(new))?;
                let before = BookId::new(answer.clone().into_inner().id.get() - 1);
                let gone = now(m.book_reader.find(before))?.is_none();
                Ok(made(answer, |book| if gone && before.get() > 0 { book.id = before }))
            },
            breaks
                "the_id_of_a_deleted_book_is_never_given_again"
                "an_isbn_is_free_once_its_book_is_deleted"
                "what_was_written_is_there_after_reopening"),
        fault!("a taken ISBN is refused in the name of another book": books.expect_insert |m, new|
            now(m.books.insert(new)).map_err(|error| match error {
                BookError::IsbnTaken { by } => {
                    BookError::IsbnTaken { by: BookId::new(by.get() + 100) }
                }
                other => other,
            }),
            breaks
                "an_isbn_that_is_taken_names_its_holder"
                "of_simultaneous_inserts_of_one_isbn_one_succeeds"),
        fault!("the third claim of an ISBN succeeds": books.expect_insert |m, mut new|
            @refused = Count::default(); {
                if let Some(isbn) = new.fields.isbn
                    && now(m.book_reader.find_by_isbn(isbn))?.is_some()
                    && refused.reaches(2)
                {
                    new.fields.isbn = None;
                }
                now(m.books.insert(new))
            },
            breaks "of_simultaneous_inserts_of_one_isbn_one_succeeds"),
        fault!("a title is composed": books.expect_insert |m, mut new| {
                let title = new.fields.title.as_str().replace("e\u{308}", "\u{eb}");
                new.fields.title = Title::parse(&title).unwrap();
                now(m.books.insert(new))
            },
            breaks
                "a_book_comes_back_to_the_byte"
                "case_is_ignored_in_every_script"),
        fault!("the default genre is stored": books.expect_insert |m, mut new| {
                let genre = new.fields.genre().to_owned();
                new.fields.genre = Some(Genre::parse(&genre).unwrap());
                now(m.books.insert(new))
            },
            breaks
                "a_new_book_has_version_one_and_no_ratings"
                "the_genre_that_was_not_given_is_not_made_up"),
        fault!("times are cut to milliseconds": books.expect_insert |m, mut new| {
                new.at = new.at.trunc_subsecs(3);
                now(m.books.insert(new))
            },
            breaks "times_are_kept_to_the_microsecond"),
        fault!("a negative id is taken for a positive one": book_reader.expect_find |m, id|
            now(m.book_reader.find(BookId::new(id.get().saturating_abs()))),
            breaks "there_is_no_book_where_none_was_made"),
        fault!("a book is still found by the ISBN that it was found by":
            book_reader.expect_find_by_isbn |m, isbn|
            @seen = Mutex::new(Vec::<Book>::new()); {
                let found = now(m.book_reader.find_by_isbn(isbn))?;
                let mut seen = seen.lock().unwrap();
                seen.extend(found.clone());
                let had = |book: &&Book| book.fields.isbn == Some(isbn);
                Ok(found.or_else(|| seen.iter().find(had).cloned()))
            },
            breaks "a_book_is_found_by_its_isbn_as_long_as_it_has_it"),
        fault!("the fortieth read is one write behind": book_reader.expect_find |m, id|
            @state = (Count::default(), Mutex::new(None::<Book>)); {
                let (count, seen) = &state;
                let (behind, found) = (count.reaches(40), now(m.book_reader.find(id))?);
                let before = std::mem::replace(&mut *seen.lock().unwrap(), found.clone());
                Ok(before.filter(|before| behind && before.id == id).or(found))
            },
            breaks "a_writer_reads_what_it_has_written"),
        fault!("a description cannot be cleared": books.expect_update |m, mut update| {
                if update.patch.description == Change::Clear {
                    update.patch.description = Change::Keep;
                }
                now(m.books.update(update))
            },
            breaks "only_what_the_patch_names_changes"),
        fault!("the time of an update is not stored": books.expect_update |m, mut update| {
                let before = now(m.book_reader.find(update.id))?;
                update.at = before.map_or(update.at, |book| book.updated_at);
                now(m.books.update(update))
            },
            breaks "a_change_raises_the_version_and_sets_the_time"),
        fault!("an empty patch is a change": books.expect_update |m, update| {
                let empty = update.patch == BookPatch::default();
                let mut book = now(m.books.update(update))?;
                if empty {
                    book.version = book.version.next();
                }
                Ok(book)
            },
            breaks "a_patch_that_changes_nothing_leaves_version_and_time_alone"),
        fault!("the update of a missing book is stale": books.expect_update |m, update| {
                let any = update.expected == Expected::Any;
                match now(m.books.update(update)) {
                    Err(BookError::NotFound) if !any => Err(BookError::Stale),
                    answer => answer,
                }
            },
            breaks "a_missing_book_is_told_before_a_stale_version"),
        fault!("a taken ISBN comes before a stale version": books.expect_update |m, update| {
                if let Change::Set(isbn) = update.patch.isbn
                    && let Some(holder) = now(m.book_reader.find_by_isbn(isbn))?
                    && holder.id != update.id
                {
                    return Err(BookError::IsbnTaken { by: holder.id });
                }
                now(m.books.update(update))
            },
            breaks "a_stale_version_comes_before_a_taken_isbn"),
        fault!("a refused ISBN leaves the new title behind": books.expect_update |m, update| {
                let mut title = update.clone();
                title.patch.isbn = Change::Keep;
                match now(m.books.update(update)) {
                    Err(error @ BookError::IsbnTaken { .. }) => {
                        now(m.books.update(title))?;
                        Err(error)
                    }
                    answer => answer,
                }
            },
            breaks "a_taken_isbn_names_its_holder_and_changes_nothing"
                "a_refused_title_is_not_found"),
        fault!("an ISBN is never free again": books.expect_update |m, update|
            @given = Mutex::new(Vec::new()); {
                let isbn = match &update.patch.isbn {
                    Change::Set(isbn) => Some(*isbn),
                    _ => None,
                };
                let before = now(m.book_reader.find(update.id))?;
                let mut given = given.lock().unwrap();
                if let Some(held) = before.and_then(|book| book.fields.isbn) {
                    given.push((held, update.id));
                }
                if let Some((_, by)) =
                    given.iter().find(|(held, by)| Some(*held) == isbn && *by != update.id)
                {
                    return Err(BookError::IsbnTaken { by: *by });
                }
                now(m.books.update(update))
            },
            breaks "an_isbn_that_was_given_up_is_free"),
        fault!("only the first expected version counts": books.expect_update |m, mut update| {
                if let Expected::OneOf(versions) = &mut update.expected {
                    versions.truncate(1);
                }
                now(m.books.update(update))
            },
            breaks "any_of_the_expected_versions_will_do"),
        fault!("the third stale update succeeds":
            books.expect_update |m, mut update|
            @stale = Count::default(); {
                match now(m.books.update(update.clone())) {
                    Err(BookError::Stale) if stale.reaches(3) => {
                        update.expected = Expected::Any;
                        now(m.books.update(update))
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_updates_of_one_version_one_succeeds"),
        fault!("the tenth update is lost": books.expect_update |m, update|
            @count = Count::default(); {
                if count.reaches(10) {
                    return now(m.book_reader.find(update.id))?.ok_or(BookError::NotFound);
                }
                now(m.books.update(update))
            },
            breaks
                "of_simultaneous_updates_of_one_version_one_succeeds"
                "no_simultaneous_update_is_lost"
                "of_simultaneous_claims_of_one_isbn_one_succeeds"),
        fault!("the fourth refusal of an ISBN is forgotten": books.expect_update |m, update|
            @refused = Count::default(); {
                let id = update.id;
                match now(m.books.update(update)) {
                    Err(BookError::IsbnTaken { .. })
                        if refused.reaches(4) =>
                    {
                        now(m.book_reader.find(id))?.ok_or(BookError::NotFound)
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_claims_of_one_isbn_one_succeeds"),
        fault!("a cover is a JPEG": books.expect_set_cover |m, mut update| {
                if let Some(cover) = &mut update.cover {
                    cover.format = CoverFormat::Jpeg;
                }
                now(m.books.set_cover(update))
            },
            breaks "a_cover_is_there_until_it_is_taken_away"),
        fault!("the time of a cover is not stored": books.expect_set_cover |m, mut update| {
                let before = now(m.book_reader.find(update.id))?;
                update.at = before.map_or(update.at, |book| book.updated_at);
                now(m.books.set_cover(update))
            },
            breaks "a_change_of_the_cover_raises_the_version_and_sets_the_time"),
        fault!("the same cover is answered as a new one": books.expect_set_cover |m, update| {
                let name = update.cover;
                let mut book = now(m.books.set_cover(update))?;
                book.cover = name;
                Ok(book)
            },
            breaks "a_cover_with_the_same_hash_changes_nothing"),
        fault!("a missing cover comes before a stale version": books.expect_set_cover |m, update| {
                let before = now(m.book_reader.find(update.id))?;
                if update.cover.is_none() && before.is_some_and(|book| book.cover.is_none()) {
                    return Err(BookError::NoCover);
                }
                now(m.books.set_cover(update))
            },
            breaks "a_missing_book_comes_before_a_stale_version_before_a_missing_cover"),
        fault!("an absent cover is not checked": books.expect_set_cover |m, mut update| {
                if update.expected == ExpectedCover::Absent {
                    update.expected = ExpectedCover::Any;
                }
                now(m.books.set_cover(update))
            },
            breaks "only_an_expected_cover_is_replaced_or_removed"),
        fault!("the tenth stale cover is set": books.expect_set_cover |m, mut update|
            @stale = Count::default(); {
                match now(m.books.set_cover(update.clone())) {
                    Err(BookError::Stale) if stale.reaches(10) => {
                        update.expected = ExpectedCover::Any;
                        now(m.books.set_cover(update))
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_covers_for_one_state_one_succeeds"),
        fault!("covers are used whatever their time": books.expect_used_covers |m, mut names| {
                names.dedup_by_key(|name| name.hash);
                let used = now(m.books.used_covers(names.clone()))?;
                names.retain(|name| used.iter().any(|used| used.hash == name.hash));
                Ok(names)
            },
            breaks "the_covers_that_are_used_are_told"),
        fault!("a deleted book's cover is still used": books.expect_used_covers |m, names| {
                let any = !now(m.books.read_after(BookId::new(0), 1))?.is_empty();
                if any { now(m.books.used_covers(names)) } else { Ok(names) }
            },
            breaks "the_cover_of_a_deleted_book_is_not_used"),
    ]
}
