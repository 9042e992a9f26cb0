//! Faults of lists and imports of shelves, and of what books and users promise of them.

use bookshelf_domain::accounts::UserId;
use bookshelf_domain::books::*;
use bookshelf_domain::shelves::*;
use bookshelf_domain::{Expected, Listing, Order, Start};

use crate::plant::{Fault, fault, now};
use crate::shelves::all;

fn only(
    listing: Listing<ShelfEntry>,
    is_found: impl Fn(&ShelfEntry) -> bool,
) -> Listing<ShelfEntry> {
    Listing { items: listing.items.into_iter().filter(is_found).collect(), ..listing }
}

pub(crate) fn lists() -> Vec<Fault> {
    vec![
        fault!("a list without entries is another user's": shelves.expect_list |m, mut query| {
                if all(&m, query.user).is_empty() {
                    query.user = UserId::new(1);
                }
                now(m.shelves.list(query))
            },
            breaks "every_reader_sees_its_own_entries_alone"),
        fault!("entries without a rating come first in descending order":
            shelves.expect_list |m, query| {
                let turned = (query.sort, query.order) == (ShelfSort::Rating, Order::Descending);
                let mut listing = now(m.shelves.list(query))?;
                if turned {
                    listing.items.sort_by_key(|entry| entry.fields.rating.is_some());
                }
                Ok(listing)
            },
            breaks
                "entries_are_in_the_order_of_the_sort"
                "reading_on_skips_and_repeats_nothing"),
        fault!("equal keys are ordered by ascending id": shelves.expect_list |m, query| {
                let (sort, order) = (query.sort, query.order);
                let mut listing = now(m.shelves.list(query))?;
                let author = |entry: &ShelfEntry| entry.book.fields.author.clone();
                let same = listing.items.windows(2).all(|pair| match pair {
                    [one, other] => author(one) == author(other),
                    _ => true,
                });
                if (sort, order) == (ShelfSort::Author, Order::Descending) && same {
                    listing.items.sort_by_key(|entry| entry.id);
                }
                Ok(listing)
            },
            breaks
                "equal_keys_are_in_the_order_of_their_ids"
                "reading_on_skips_and_repeats_nothing"),
        fault!("a status is not looked at beside a rating": shelves.expect_list |m, mut query| {
                if query.filter.rating.is_some() {
                    query.filter.status = None;
                }
                now(m.shelves.list(query))
            },
            breaks "filters_are_all_held_to"),
        fault!("a search looks into titles alone": shelves.expect_list |m, query| {
                let words = query.filter.search.clone();
                let listing = now(m.shelves.list(query))?;
                Ok(only(listing, |entry| {
                    let title = bookshelf_domain::SearchText::new(entry.book.fields.title.as_str());
                    words.iter().all(|word| word.is_in(title.as_str(), "", None))
                }))
            },
            breaks "text_is_found_in_title_and_author_ignoring_case_and_wildcards"),
        fault!("a total is given unasked": shelves.expect_list |m, mut query| {
                query.count = true;
                now(m.shelves.list(query))
            },
            breaks "totals_count_what_the_filter_lets_through"),
        fault!("a position is the beginning when its entry is gone":
            shelves.expect_list |m, mut query| {
                if let Start::After(position) = &query.start
                    && now(m.shelves.find(query.user, position.id))?.is_none()
                {
                    query.start = Start::Offset(0);
                    query.order = Order::Ascending;
                    query.limit = 3;
                }
                now(m.shelves.list(query))
            },
            breaks "reading_on_skips_and_repeats_nothing"),
        fault!("an export reads one entry too many":
            shelves.expect_read_after |m, user, after, limit|
            now(m.shelves.read_after(user, after, if limit == 3 { 4 } else { limit })),
            breaks "the_whole_shelf_is_read_by_id"),
        fault!("an empty shelf counts a status": shelves.expect_stats |m, user| {
                let mut stats = now(m.shelves.stats(user))?;
                if stats.by_status.is_empty() {
                    stats.by_status.push((ReadingStatus::Read, 0));
                }
                Ok(stats)
            },
            breaks "an_empty_shelf_has_empty_numbers"),
        fault!("years are counted from the first": shelves.expect_stats |m, user| {
                let mut stats = now(m.shelves.stats(user))?;
                stats.finished_by_year.reverse();
                Ok(stats)
            },
            breaks "a_shelf_is_counted_up_for_its_reader_alone"),
    ]
}

pub(crate) fn imports() -> Vec<Fault> {
    vec![
        fault!("an import knows no bound": shelves.expect_import |m, user, mut batch| {
                batch.most = ShelfEntry::MAX;
                now(m.shelves.import(user, batch))
            },
            breaks "a_full_shelf_takes_no_new_entries"
                "inserts_and_imports_fill_a_shelf_and_no_more"),
        fault!("rows are added at the time of the import":
            shelves.expect_import |m, user, mut batch| {
                batch.rows.iter_mut().for_each(|row| row.added_at = None);
                now(m.shelves.import(user, batch))
            },
            breaks "rows_become_books_and_entries"),
        fault!("a row with an unknown ISBN is matched by its title":
            shelves.expect_import |m, user, mut batch| {
                for row in &mut batch.rows {
                    if let Some(isbn) = row.book.isbn
                        && now(m.book_reader.find_by_isbn(isbn))?.is_none()
                    {
                        row.book.isbn = None;
                    }
                }
                now(m.shelves.import(user, batch))
            },
            breaks "a_row_is_matched_by_its_isbn_alone"),
        fault!("a row is matched by its title alone": shelves.expect_import |m, user, mut batch| {
                let books = now(m.books.read_after(BookId::new(0), 1000))?;
                for row in &mut batch.rows {
                    let folded = |title: &Title| title.as_str().to_lowercase();
                    let same = |book: &&Book| folded(&book.fields.title) == folded(&row.book.title);
                    if let (Some(same), None) = (books.iter().find(same), row.book.isbn) {
                        row.book.author = same.fields.author.clone();
                    }
                }
                now(m.shelves.import(user, batch))
            },
            breaks "a_row_without_an_isbn_is_matched_by_title_and_author"),
        fault!("rows of a batch do not see one another":
            shelves.expect_import |m, user, mut batch| {
                let mut seen = Vec::new();
                for row in &mut batch.rows {
                    let title = row.book.title.as_str().to_lowercase();
                    if seen.contains(&title) {
                        row.book.title = Title::parse("Another").unwrap();
                    }
                    seen.push(title);
                }
                now(m.shelves.import(user, batch))
            },
            breaks
                "a_full_shelf_takes_no_new_entries"
                "rows_of_a_batch_see_one_another"
                "a_dry_run_tells_and_writes_nothing"),
        fault!("a row that changes nothing is answered as an update":
            shelves.expect_import |m, user, batch| {
                let update = batch.on_conflict == OnConflict::Update;
                let mut outcomes = now(m.shelves.import(user, batch))?;
                for outcome in &mut outcomes {
                    if let (ImportedEntry::Skipped(id, remarks), true) = (*outcome, update) {
                        *outcome = ImportedEntry::Updated(id, remarks);
                    }
                }
                Ok(outcomes)
            },
            breaks
                "a_full_shelf_takes_no_new_entries"
                "rows_of_a_batch_see_one_another"
                "the_same_again_changes_nothing"
                "a_later_reading_replaces_an_earlier_one"
                "a_dry_run_tells_and_writes_nothing"),
        fault!("a merge has no remarks": shelves.expect_import |m, user, batch| {
                let mut outcomes = now(m.shelves.import(user, batch))?;
                for outcome in &mut outcomes {
                    if let ImportedEntry::Updated(id, _) = *outcome {
                        *outcome = ImportedEntry::Updated(id, MergeRemarks::default());
                    }
                }
                Ok(outcomes)
            },
            breaks "a_row_is_merged_into_the_entry_that_is_there"
                "a_later_reading_replaces_an_earlier_one"),
        fault!("a skipped row of a merge has no remarks": shelves.expect_import |m, user, batch| {
                let mut outcomes = now(m.shelves.import(user, batch))?;
                for outcome in &mut outcomes {
                    if let ImportedEntry::Skipped(id, _) = *outcome {
                        *outcome = ImportedEntry::Skipped(id, MergeRemarks::default());
                    }
                }
                Ok(outcomes)
            },
            breaks "a_later_reading_replaces_an_earlier_one"),
        fault!("what is to be skipped is merged": shelves.expect_import |m, user, mut batch| {
                batch.on_conflict = OnConflict::Update;
                now(m.shelves.import(user, batch))
            },
            breaks "a_skipped_row_changes_nothing"),
        fault!("a dry run writes": shelves.expect_import |m, user, mut batch| {
                batch.dry_run = false;
                now(m.shelves.import(user, batch))
            },
            breaks
                "a_full_shelf_takes_no_new_entries"
                "a_dry_run_tells_and_writes_nothing"),
        fault!("an import always adds unknown books": shelves.expect_import |m, user, mut batch| {
                batch.when_unknown = WhenUnknown::Add;
                now(m.shelves.import(user, batch))
            },
            breaks
                "a_full_shelf_takes_no_new_entries"
                "rows_of_unknown_books_are_left_out_where_none_may_be_added"),
        fault!("no rows need no user": shelves.expect_import |m, user, batch| {
                if batch.rows.is_empty() {
                    return Ok(Vec::new());
                }
                now(m.shelves.import(user, batch))
            },
            breaks "a_missing_user_is_told_and_nothing_written"),
        fault!("the rating of a new book is not counted":
            shelves.expect_import |m, user, mut batch| {
                let known = now(m.books.read_after(BookId::new(0), 1000))?;
                for row in &mut batch.rows {
                    if known.iter().any(|book| book.fields.title == row.book.title) {
                        continue;
                    }
                    row.fields.rating = None;
                }
                now(m.shelves.import(user, batch))
            },
            breaks
                "rows_become_books_and_entries"
                "the_same_again_changes_nothing"
                "a_later_reading_replaces_an_earlier_one"
                "ratings_of_an_import_count"),
        fault!("an import of many rows loses an outcome": shelves.expect_import |m, user, batch| {
                let mut outcomes = now(m.shelves.import(user, batch))?;
                if outcomes.len() > 10 {
                    outcomes.pop();
                }
                Ok(outcomes)
            },
            breaks "an_import_and_inserts_of_its_books_make_one_entry_each"),
    ]
}

pub(crate) fn books() -> Vec<Fault> {
    vec![
        fault!("the shelves of a book are counted as one":
            books.expect_delete |m, id, expected, shelved|
            now(m.books.delete(id, expected, shelved)).map_err(|error| match error {
                BookError::InUse { book, .. } => BookError::InUse { book, shelves: 1 },
                other => other,
            }),
            breaks "a_book_on_shelves_is_kept_and_they_are_counted"),
        fault!("a book that was rated once is never free":
            books.expect_delete |m, id, expected, shelved| {
                if shelved == WhenShelved::Refuse {
                    return Err(BookError::InUse { book: id, shelves: 3 });
                }
                now(m.books.delete(id, expected, shelved))
            },
            breaks
                "a_book_is_free_when_it_is_on_no_shelf_any_more"
                "a_missing_book_and_a_stale_version_come_before_the_shelves"),
        fault!("a forced deletion is refused": books.expect_delete |m, id, expected, _|
            now(m.books.delete(id, expected, WhenShelved::Refuse)),
            breaks
                "a_summary_survives_the_forced_deletion_of_another_book"
                "a_forced_deletion_takes_the_entries_with_it"
                "nothing_dangles_when_a_book_goes_while_it_is_shelved"
                "ratings_and_the_forced_deletion_of_their_book"),
        fault!("the deleted entries are not counted": books.expect_delete |m, id, expected, shelved|
            now(m.books.delete(id, expected, shelved)).map(|_| 0),
            breaks "a_forced_deletion_takes_the_entries_with_it"),
        fault!("the shelves come before a stale version":
            books.expect_delete |m, id, expected, shelved| {
                let rated = now(m.book_reader.find(id))?.map_or(0, |book| book.rating.count);
                if rated > 0 && shelved == WhenShelved::Refuse {
                    let shelves = rated.unsigned_abs();
                    return Err(BookError::InUse { book: id, shelves });
                }
                now(m.books.delete(id, expected, shelved))
            },
            breaks "a_missing_book_and_a_stale_version_come_before_the_shelves"),
        fault!("a deleted user's ratings still count": users.expect_delete |m, id, expected| {
                let entries = all(&m, id);
                now(m.users.delete(id, expected))?;
                for entry in entries {
                    let ghost = bookshelf_memory::a_user().build();
                    let ghost = now(m.users.insert(ghost))?.into_inner();
                    let (user_id, target) = (ghost.id, ShelfTarget::Existing(entry.book.id));
                    let (fields, at) = (entry.fields, entry.added_at);
                    let new = NewShelfEntry {
                        user_id, target, fields, at,
                        when_unknown: WhenUnknown::Add, most: 1, idempotency_key: None,
                    };
                    drop(now(m.shelves.insert(new)));
                }
                Ok(())
            },
            breaks
                "a_summary_follows_the_deletion_of_an_account"
                "a_book_is_free_when_it_is_on_no_shelf_any_more"
                "deletions_of_readers_and_an_import_of_their_books"),
        fault!("a forced deletion takes the reader's other entries":
            books.expect_delete |m, id, expected, shelved| {
                let deleted = now(m.books.delete(id, expected, shelved))?;
                if deleted == 1 {
                    for entry in all(&m, UserId::new(1)) {
                        drop(now(m.shelves.delete(entry.user_id, entry.id, Expected::Any)));
                    }
                }
                Ok(deleted)
            },
            breaks "a_summary_survives_the_forced_deletion_of_another_book"),
        fault!("books without a rating come first": book_reader.expect_list |m, query| {
                let rated = query.sort == BookSort::Rating;
                let mut listing = now(m.book_reader.list(query))?;
                if rated {
                    listing.items.sort_by_key(|book| book.rating.count > 0);
                }
                Ok(listing)
            },
            breaks "the_list_of_books_is_sorted_by_their_averages"),
    ]
}
