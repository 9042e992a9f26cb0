use std::sync::Mutex;

use bookshelf_contract::shelves::contract;
use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::*;
use bookshelf_domain::shelves::*;
use bookshelf_domain::{Change, Expected, Made, Repositories, Version};

use crate::plant::{Count, Fault, every_clause_is_broken, every_fault_is_found, fault, now};
use crate::shelf_lists;

#[tokio::test]
async fn every_fault_is_found_by_its_clauses() {
    let mut faults = inserts();
    faults.extend(updates());
    faults.extend(shelf_lists::lists());
    faults.extend(shelf_lists::imports());
    faults.extend(shelf_lists::books());
    every_fault_is_found(contract(), &faults, &[]).await;
    every_clause_is_broken(&contract(), &faults);
}

/// Answers with another entry than the one that was made.
fn made(made: Made<ShelfEntry>, change: impl FnOnce(&mut ShelfEntry)) -> Made<ShelfEntry> {
    let mut entry = made.into_inner();
    change(&mut entry);
    Made::Now(entry)
}

/// All entries of a user, by id.
pub(crate) fn all(m: &Repositories, user: UserId) -> Vec<ShelfEntry> {
    now(m.shelves.read_after(user, ShelfEntryId::new(0), 1000)).unwrap()
}

fn inserts() -> Vec<Fault> {
    vec![
        fault!("a full shelf takes one entry more": shelves.expect_insert |m, mut new| {
                new.most = new.most.saturating_add(1);
                now(m.shelves.insert(new))
            },
            breaks "a_full_shelf_is_told_and_nothing_added"
                "inserts_and_imports_fill_a_shelf_and_no_more"),
        fault!("a new entry is answered with version 0": shelves.expect_insert |m, new|
            now(m.shelves.insert(new)).map(|it| made(it, |entry| entry.version = Version::new(0))),
            breaks
                "an_entry_is_kept_as_it_was_written"
                "a_book_stands_on_a_shelf_once"
                "a_patch_that_changes_nothing_leaves_no_trace"
                "anothers_entry_is_as_none"
                "fields_that_would_not_fit_together_change_nothing"
                "a_stale_version_deletes_nothing"
                "the_whole_shelf_is_read_by_id"
                "a_skipped_row_changes_nothing"
                "a_dry_run_tells_and_writes_nothing"
                "a_forced_deletion_takes_the_entries_with_it"
                "a_missing_book_and_a_stale_version_come_before_the_shelves"
                "what_was_written_is_there_after_reopening"),
        fault!("the id of a deleted entry is given again": shelves.expect_insert |m, new| {
                let user = new.user_id;
                let answer = now(m.shelves.insert(new))?;
                let alone = all(&m, user).len() == 1;
                Ok(made(answer, |entry| if alone {
                    entry.id = ShelfEntryId::new(1);
                }))
            },
            breaks
                "entries_have_growing_ids_that_never_come_back"
                "a_book_can_come_back_to_the_shelf"
                "the_whole_shelf_is_read_by_id"
                "a_summary_follows_every_change_of_a_rating"
                "no_rating_is_lost_among_many_readers"
                "what_was_written_is_there_after_reopening"),
        fault!("a described book is updated": shelves.expect_insert |m, new| {
                let described = match &new.target {
                    ShelfTarget::Described(book) => Some(book.clone()),
                    ShelfTarget::Existing(_) => None,
                };
                let answer = now(m.shelves.insert(new))?;
                Ok(made(answer, |entry| if let Some(described) = described {
                    entry.book.fields = *described;
                }))
            },
            breaks "a_described_book_is_found_by_its_isbn_and_left_as_it_is"),
        fault!("a described book is added without its ISBN": shelves.expect_insert |m, mut new| {
                if let ShelfTarget::Described(book) = &mut new.target
                    && let Some(isbn) = book.isbn
                    && now(m.book_reader.find_by_isbn(isbn))?.is_none()
                    && new.when_unknown == WhenUnknown::Add
                {
                    book.isbn = None;
                }
                now(m.shelves.insert(new))
            },
            breaks "a_described_book_that_is_not_there_is_added"
                "of_simultaneous_readers_of_an_unknown_book_one_adds_it"),
        fault!("a described book is found by its title": shelves.expect_insert |m, mut new| {
                if let ShelfTarget::Described(book) = &new.target
                    && book.isbn.is_none()
                    && new.when_unknown == WhenUnknown::Add
                {
                    let books = now(m.books.read_after(BookId::new(0), 1000))?;
                    if let Some(same) = books.iter().find(|it| it.fields.title == book.title) {
                        new.target = ShelfTarget::Existing(same.id);
                    }
                }
                now(m.shelves.insert(new))
            },
            breaks "a_described_book_without_an_isbn_is_always_added"),
        fault!("an unknown book is always added": shelves.expect_insert |m, mut new| {
                new.when_unknown = WhenUnknown::Add;
                now(m.shelves.insert(new))
            },
            breaks "an_unknown_book_is_refused_where_none_may_be_added"),
        fault!("the entry on the shelf is not named": shelves.expect_insert |m, new|
            now(m.shelves.insert(new)).map_err(|error| match error {
                ShelfError::AlreadyOnShelf { by } => {
                    ShelfError::AlreadyOnShelf { by: ShelfEntryId::new(by.get() + 1) }
                }
                other => other,
            }),
            breaks "a_book_stands_on_a_shelf_once"),
        fault!("a missing book is a missing entry": shelves.expect_insert |m, new|
            now(m.shelves.insert(new)).map_err(|error| match error {
                ShelfError::BookNotFound => ShelfError::NotFound,
                other => other,
            }),
            breaks "a_full_shelf_is_told_and_nothing_added"
                "a_missing_book_is_told_and_nothing_added"
                "nothing_dangles_when_a_book_goes_while_it_is_shelved"),
        fault!("a missing user leaves the described book behind": shelves.expect_insert |m, new| {
                let (target, at) = (new.target.clone(), new.at);
                let answer = now(m.shelves.insert(new));
                if let Err(ShelfError::UserNotFound) = answer
                    && let ShelfTarget::Described(fields) = target
                {
                    let new = NewBook { fields: *fields, at, idempotency_key: None };
                    drop(now(m.books.insert(new)));
                }
                answer
            },
            breaks "a_missing_user_is_told_and_nothing_added"),
        fault!("the fifth refusal of a book is forgotten": shelves.expect_insert |m, new|
            @refused = Count::default(); {
                let user = new.user_id;
                match now(m.shelves.insert(new)) {
                    Err(ShelfError::AlreadyOnShelf { by })
                        if refused.reaches(5) =>
                    {
                        Ok(Made::Now(now(m.shelves.find(user, by))?.unwrap()))
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_inserts_of_a_book_one_succeeds"),
        fault!("the fifth reader adds a known book again": shelves.expect_insert |m, mut new|
            @known = Count::default(); {
                if let ShelfTarget::Described(book) = &mut new.target
                    && let Some(isbn) = book.isbn
                    && now(m.book_reader.find_by_isbn(isbn))?.is_some()
                    && known.reaches(5)
                {
                    book.isbn = None;
                }
                now(m.shelves.insert(new))
            },
            breaks "of_simultaneous_readers_of_an_unknown_book_one_adds_it"),
        fault!("the change of a rating is lost": shelves.expect_update |m, mut update|
            @count = Count::default(); {
                if count.reaches(39) {
                    update.patch.rating = Change::Keep;
                }
                now(m.shelves.update(update))
            },
            breaks "no_rating_is_lost_among_many_readers"),
    ]
}

fn updates() -> Vec<Fault> {
    vec![
        fault!("notes cannot be cleared": shelves.expect_update |m, mut update| {
                if update.patch.notes == Change::Clear {
                    update.patch.notes = Change::Keep;
                }
                now(m.shelves.update(update))
            },
            breaks "a_patch_changes_what_it_names"),
        fault!("a patch that changes nothing is a change": shelves.expect_update |m, update| {
                let before = now(m.shelves.find(update.user_id, update.id))?;
                let mut after = now(m.shelves.update(update))?;
                if before.is_some_and(|before| before.version == after.version) {
                    after.version = after.version.next();
                }
                Ok(after)
            },
            breaks "a_patch_that_changes_nothing_leaves_no_trace"),
        fault!("the update of a missing entry is stale": shelves.expect_update |m, update| {
                let any = update.expected == Expected::Any;
                match now(m.shelves.update(update)) {
                    Err(ShelfError::NotFound) if !any => Err(ShelfError::Stale),
                    answer => answer,
                }
            },
            breaks "a_missing_entry_is_told_before_a_stale_version"),
        fault!("another's entry is deleted": shelves.expect_delete |m, user, id, expected| {
                match now(m.shelves.delete(user, id, expected)) {
                    Err(ShelfError::NotFound) if id.get() == 1 => Err(ShelfError::Stale),
                    answer => answer,
                }
            },
            breaks "anothers_entry_is_as_none"),
        fault!("a bad fit comes before a stale version": shelves.expect_update |m, update| {
                let before = now(m.shelves.find(update.user_id, update.id))?;
                if let Some(before) = before {
                    update.patch.clone().apply(&before.fields).map_err(ShelfError::Invalid)?;
                }
                now(m.shelves.update(update))
            },
            breaks "a_stale_version_comes_before_a_bad_fit"),
        fault!("a bad fit leaves the rating behind": shelves.expect_update |m, update| {
                let mut rating = update.clone();
                rating.patch.finished_on = Change::Keep;
                match now(m.shelves.update(update)) {
                    Err(error @ ShelfError::Invalid(_)) => {
                        now(m.shelves.update(rating))?;
                        Err(error)
                    }
                    answer => answer,
                }
            },
            breaks "fields_that_would_not_fit_together_change_nothing"),
        fault!("the fifth stale update succeeds": shelves.expect_update |m, update|
            @stale = Count::default(); {
                match now(m.shelves.update(update.clone())) {
                    Err(ShelfError::Stale) if stale.reaches(5) => {
                        now(m.shelves.update(ShelfUpdate { expected: Expected::Any, ..update }))
                    }
                    answer => answer,
                }
            },
            breaks "of_simultaneous_updates_of_a_version_one_succeeds"),
        fault!("a deletion is only answered": shelves.expect_delete |m, user, id, expected| {
                match now(m.shelves.find(user, id))? {
                    Some(entry) if expected == Expected::OneOf(vec![entry.version]) => Ok(()),
                    _ => now(m.shelves.delete(user, id, expected)),
                }
            },
            breaks "a_deleted_entry_is_gone_and_its_book_stays"),
        fault!("the deletion of a missing entry is stale":
            shelves.expect_delete |m, user, id, expected| {
                let any = expected == Expected::Any;
                match now(m.shelves.delete(user, id, expected)) {
                    Err(ShelfError::NotFound) if !any => Err(ShelfError::Stale),
                    answer => answer,
                }
            },
            breaks
                "anothers_entry_is_as_none"
                "a_missing_entry_comes_before_a_stale_version"),
        fault!("a version is not checked by a deletion": shelves.expect_delete |m, user, id, _|
            now(m.shelves.delete(user, id, Expected::Any)),
            breaks "a_stale_version_deletes_nothing"),
        fault!("a deleted book cannot come back": shelves.expect_insert |m, new|
            @put = Mutex::new(Vec::new()); {
                let (user, target) = (new.user_id, new.target.clone());
                let mut put = put.lock().unwrap();
                let answer = now(m.shelves.insert(new))?;
                if let ShelfTarget::Existing(book) = target {
                    let before = put.iter().find(|(of, it, _)| (*of, *it) == (user, book));
                    if let Some((_, _, by)) = before {
                        return Err(ShelfError::AlreadyOnShelf { by: *by });
                    }
                    put.push((user, book, answer.clone().into_inner().id));
                }
                Ok(answer)
            },
            breaks "a_book_can_come_back_to_the_shelf"),
        fault!("a rating is a change of the book": shelves.expect_update |m, update| {
                let after = now(m.shelves.update(update.clone()))?;
                let genre = Change::Set(Genre::parse("rated").unwrap());
                let (id, patch) = (after.book.id, BookPatch { genre, ..BookPatch::default() });
                let change = BookUpdate { id, expected: Expected::Any, patch, at: update.at };
                drop(now(m.books.update(change)));
                Ok(now(m.shelves.find(after.user_id, after.id))?.unwrap_or(after))
            },
            breaks
                "a_patch_changes_what_it_names"
                "a_patch_that_changes_nothing_leaves_no_trace"
                "a_rating_leaves_version_and_time_of_the_book_alone"),
        fault!("a cleared rating still counts": shelves.expect_update |m, update| {
                if update.patch.rating == Change::Clear {
                    let entry = now(m.shelves.find(update.user_id, update.id))?;
                    return entry.ok_or(ShelfError::NotFound);
                }
                now(m.shelves.update(update))
            },
            breaks
                "a_stale_version_comes_before_a_bad_fit"
                "fields_that_would_not_fit_together_change_nothing"
                "a_summary_follows_every_change_of_a_rating"),
    ]
}
