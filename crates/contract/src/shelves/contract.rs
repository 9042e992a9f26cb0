/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! shelves {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "shelves::insert" insert {
                a_full_shelf_is_told_and_nothing_added
                    "MUST return `Full` where the shelf has `most` entries, after `BookNotFound` \
                     and `AlreadyOnShelf`, and add nothing"
                an_entry_is_kept_as_it_was_written
                    "MUST add the entry with the given fields, version 1 and `at` as both of its \
                     times, and rate the book"
                entries_have_growing_ids_that_never_come_back
                    "MUST assign increasing ids, and never reuse the id of a deleted entry"
                a_described_book_is_found_by_its_isbn_and_left_as_it_is
                    "MUST find a described book by its ISBN, and not change it"
                a_described_book_that_is_not_there_is_added
                    "MUST add a described book whose ISBN no book has"
                a_described_book_without_an_isbn_is_always_added
                    "MUST always add a described book without an ISBN"
                an_unknown_book_is_refused_where_none_may_be_added
                    "MUST return `UnknownBook` where it would add a book and must not, and add \
                     nothing"
                a_book_stands_on_a_shelf_once
                    "MUST return `AlreadyOnShelf` with the id of the entry, and change nothing"
                a_missing_book_is_told_and_nothing_added
                    "MUST return `BookNotFound` when the book does not exist, and add nothing"
                a_missing_user_is_told_and_nothing_added
                    "MUST return `UserNotFound` when the user does not exist, and add neither \
                     book nor entry"
                of_simultaneous_inserts_of_a_book_one_succeeds
                    "MUST let exactly one of several simultaneous inserts of one book on one \
                     shelf succeed"
                of_simultaneous_readers_of_an_unknown_book_one_adds_it
                    "MUST add a described book once when several readers describe it \
                     simultaneously"
            }
            "shelves::update" update {
                a_patch_changes_what_it_names
                    "MUST set or clear exactly the fields that the patch names, increase the \
                     version by one, and set `updated_at`"
                a_patch_that_changes_nothing_leaves_no_trace
                    "MUST keep version and `updated_at` when the patch changes nothing"
                a_missing_entry_is_told_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                anothers_entry_is_as_none
                    "MUST neither find nor change nor delete an entry of another user"
                a_stale_version_comes_before_a_bad_fit
                    "MUST return `Stale` before `Invalid`"
                fields_that_would_not_fit_together_change_nothing
                    "MUST return `Invalid` when the fields would contradict each other, and \
                     change nothing"
                of_simultaneous_updates_of_a_version_one_succeeds
                    "MUST let exactly one of several simultaneous updates that expect one version \
                     succeed"
            }
            "shelves::delete" delete {
                a_deleted_entry_is_gone_and_its_book_stays
                    "MUST delete the entry with its rating, and keep the book"
                a_missing_entry_comes_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                a_stale_version_deletes_nothing
                    "MUST return `Stale` for a version that is not expected, and delete nothing \
                     then"
                a_book_can_come_back_to_the_shelf
                    "MUST let a book come back to the shelf as a new entry"
            }
            "shelves::list" list {
                every_reader_sees_its_own_entries_alone
                    "MUST return the entries of this user alone"
                entries_are_in_the_order_of_the_sort
                    "MUST order by the key of the sort, in both directions, and entries without \
                     the key last"
                equal_keys_are_in_the_order_of_their_ids
                    "MUST order equal keys by id in the direction of the list"
                filters_are_all_held_to
                    "MUST return only entries for which every condition of the filter holds"
                text_is_found_in_title_and_author_ignoring_case_and_wildcards
                    "MUST find words in title and author, ignoring case, and without wildcards"
                totals_count_what_the_filter_lets_through
                    "MUST count what the filter lets through when `count` is set"
                reading_on_skips_and_repeats_nothing
                    "MUST return every entry once to who reads page after page, also from a \
                     deleted entry"
            }
            "shelves::read_after" list {
                the_whole_shelf_is_read_by_id
                    "MUST return the user's entries after an id in the order of their ids, at \
                     most `limit`"
            }
            "shelves::stats" stats {
                an_empty_shelf_has_empty_numbers
                    "MUST return empty numbers for an empty shelf"
                a_shelf_is_counted_up_for_its_reader_alone
                    "MUST count the user's entries by status, the read ones by year, and sum up \
                     the ratings"
            }
            "shelves::import" import {
                a_full_shelf_takes_no_new_entries
                    "MUST return `ShelfFull` for a row that would add an entry to a full shelf, \
                     add no book for it, and go on with the others"
                rows_become_books_and_entries
                    "MUST add an entry for each row, with the row's `added_at` or else `at`, and \
                     the book if the catalogue has none"
                a_row_is_matched_by_its_isbn_alone
                    "MUST match a row with an ISBN by the ISBN alone"
                a_row_without_an_isbn_is_matched_by_title_and_author
                    "MUST match a row without an ISBN by its folded title and author, and not \
                     change the book"
                rows_of_a_batch_see_one_another
                    "MUST match earlier rows of the batch, as the batch has merged them"
                the_same_again_changes_nothing
                    "MUST skip every row of a batch that is imported again"
                a_row_is_merged_into_the_entry_that_is_there
                    "MUST merge a row into an existing entry, return the remarks, and keep its \
                     `added_at`"
                a_later_reading_replaces_an_earlier_one
                    "MUST let a later reading replace an earlier one, and not the other way \
                     round"
                a_skipped_row_changes_nothing
                    "MUST NOT change an existing entry on `OnConflict::Skip`, and return no \
                     remarks"
                a_dry_run_tells_and_writes_nothing
                    "MUST write nothing on a dry run, and return what would happen"
                rows_of_unknown_books_are_left_out_where_none_may_be_added
                    "MUST return `UnknownBook` for a row whose book the catalogue does not have \
                     and must not get"
                a_missing_user_is_told_and_nothing_written
                    "MUST return `UserNotFound` when the user does not exist, also for no rows, \
                     and write nothing"
                ratings_of_an_import_count
                    "MUST add the ratings of the rows to the rating summaries of the books"
            }
            "shelves::ratings" ratings {
                a_summary_follows_every_change_of_a_rating
                    "MUST change the book's rating summary with every insert, update and deletion \
                     of a rating"
                a_rating_leaves_version_and_time_of_the_book_alone
                    "MUST keep the book's version and `updated_at` when its rating summary \
                     changes"
                a_summary_follows_the_deletion_of_an_account
                    "MUST subtract the ratings of a deleted user"
                a_summary_survives_the_forced_deletion_of_another_book
                    "MUST keep the rating summary of a book when another one is deleted with its \
                     entries"
                the_list_of_books_is_sorted_by_their_averages
                    "MUST sort the catalogue by the average of the ratings, books without one \
                     last"
                no_rating_is_lost_among_many_readers
                    "MUST keep the rating summary the sum and the count over all shelves under \
                     any concurrency"
            }
            "books::delete" books {
                a_book_on_shelves_is_kept_and_they_are_counted
                    "MUST return `InUse` with the id of the book and the number of its shelves, \
                     and delete nothing"
                a_book_is_free_when_it_is_on_no_shelf_any_more
                    "MUST delete a book that is on no shelf any more"
                a_forced_deletion_takes_the_entries_with_it
                    "MUST delete the entries with the book on `WhenShelved::Remove`, and return \
                     how many there were"
                a_missing_book_and_a_stale_version_come_before_the_shelves
                    "MUST return `NotFound` before `Stale` before `InUse`, and delete nothing \
                     then"
                nothing_dangles_when_a_book_goes_while_it_is_shelved
                    "MUST leave no entry of a book that is deleted while readers put it on \
                     shelves"
            }
            "shelves::simultaneous" simultaneous {
                inserts_and_imports_fill_a_shelf_and_no_more
                    "MUST NOT put more than `most` entries on a shelf under simultaneous inserts \
                     and imports"
                an_import_and_inserts_of_its_books_make_one_entry_each
                    "MUST make one entry for each book under a simultaneous import and inserts"
                ratings_and_the_forced_deletion_of_their_book
                    "MUST update an entry or return `NotFound` while its book is deleted"
                deletions_of_readers_and_an_import_of_their_books
                    "MUST keep the rating summaries right while users are deleted and an import \
                     rates their books"
            }
            "shelves::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored entries and the ratings of their books durably when the \
                     write returns"
            }
        }
    };
}
