/// The clauses of this module, as data: for each the port, the file, the name and the text.
#[doc(hidden)]
#[macro_export]
macro_rules! books {
    ([$($then:tt)+] $($arguments:tt)*) => {
        $($then)+! {
            $($arguments)*
            "books::insert" insert {
                a_new_book_has_version_one_and_no_ratings
                    "MUST add the book with the given fields, version 1, no ratings, and `at` as \
                     both of its times"
                ids_grow
                    "MUST assign increasing ids"
                the_id_of_a_deleted_book_is_never_given_again
                    "MUST never reuse the id of a deleted book"
                simultaneous_inserts_all_get_ids_of_their_own
                    "MUST give each of several simultaneous inserts an id of its own, under which \
                     it is found at once"
                an_isbn_that_is_taken_names_its_holder
                    "MUST return `IsbnTaken` with the id of the book that has the ISBN, and add \
                     nothing"
                of_simultaneous_inserts_of_one_isbn_one_succeeds
                    "MUST let exactly one of several simultaneous inserts of one ISBN succeed"
            }
            "books::find" find {
                a_book_comes_back_to_the_byte
                    "MUST return a book as it was written, to the byte, by its id and by its \
                     ISBN"
                the_genre_that_was_not_given_is_not_made_up
                    "MUST keep a book without a genre apart from one whose genre is the default"
                times_are_kept_to_the_microsecond
                    "MUST keep times to the microsecond"
                there_is_no_book_where_none_was_made
                    "MUST return `None` for an id and an ISBN that no book has, whatever the \
                     number of the id"
                a_book_is_found_by_its_isbn_as_long_as_it_has_it
                    "MUST find a book by the ISBN that it has now, and by no earlier one"
                a_writer_reads_what_it_has_written
                    "MUST return the book as it was last written, alone and in a list, as soon as \
                     the write has returned"
            }
            "books::update" update {
                only_what_the_patch_names_changes
                    "MUST set or clear exactly the fields that the patch names"
                a_change_raises_the_version_and_sets_the_time
                    "MUST increase the version by one and set `updated_at`, and keep \
                     `created_at`"
                a_patch_that_changes_nothing_leaves_version_and_time_alone
                    "MUST keep version and `updated_at` when the patch changes nothing"
                a_missing_book_is_told_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                a_stale_version_comes_before_a_taken_isbn
                    "MUST return `Stale` before `IsbnTaken`, and change nothing then"
                a_taken_isbn_names_its_holder_and_changes_nothing
                    "MUST return `IsbnTaken` with the id of the book that has the ISBN, and \
                     change nothing"
                an_isbn_that_was_given_up_is_free
                    "MUST accept an ISBN that another book had before"
                any_of_the_expected_versions_will_do
                    "MUST accept each of the expected versions, and return `Stale` for any other"
                of_simultaneous_updates_of_one_version_one_succeeds
                    "MUST let exactly one of several simultaneous updates that expect one version \
                     succeed"
                no_simultaneous_update_is_lost
                    "MUST lose no update of writers that expect the version that they have read"
                of_simultaneous_claims_of_one_isbn_one_succeeds
                    "MUST let exactly one of several books take an ISBN that they are given \
                     simultaneously"
            }
            "books::set_cover" cover {
                a_cover_is_there_until_it_is_taken_away
                    "MUST set, replace and remove the cover of this book and of no other"
                a_change_of_the_cover_raises_the_version_and_sets_the_time
                    "MUST increase the version by one and set `updated_at`"
                a_cover_with_the_same_hash_changes_nothing
                    "MUST keep version, `updated_at` and the old name when the book has a cover \
                     with this hash"
                a_missing_book_comes_before_a_stale_version_before_a_missing_cover
                    "MUST return `NotFound` before `Stale` before `NoCover`, and change nothing \
                     then"
                only_an_expected_cover_is_replaced_or_removed
                    "MUST return `Stale` unless the book or its cover is as the caller expects \
                     it"
                of_simultaneous_covers_for_one_state_one_succeeds
                    "MUST let exactly one of several simultaneous calls that expect one state \
                     succeed"
            }
            "books::used_covers" cover {
                the_covers_that_are_used_are_told
                    "MUST return those of the names that some book refers to, each once"
                the_cover_of_a_deleted_book_is_not_used
                    "MUST NOT return the cover of a deleted book"
            }
            "books::delete" delete {
                a_deleted_book_is_gone
                    "MUST delete this book and no other"
                a_missing_book_comes_before_a_stale_version
                    "MUST return `NotFound` before `Stale`"
                a_stale_version_deletes_nothing
                    "MUST return `Stale` for a version that is not expected, and delete nothing \
                     then"
                an_isbn_is_free_once_its_book_is_deleted
                    "MUST free the ISBN of the deleted book"
                of_simultaneous_deletions_one_succeeds
                    "MUST let exactly one of several simultaneous deletions succeed; the others \
                     return `NotFound`"
            }
            "books::import" import {
                new_rows_become_books_in_their_order
                    "MUST add a book for each row that matches none, in the order of the rows"
                a_row_with_an_isbn_is_matched_by_that_alone
                    "MUST match a row with an ISBN by the ISBN alone"
                a_row_without_one_is_matched_by_folded_title_and_author
                    "MUST match a row without an ISBN by its folded title and author"
                the_oldest_of_several_matches_counts
                    "MUST take the book with the lowest id of several matches"
                earlier_rows_of_the_batch_count_too
                    "MUST match earlier rows of the batch, as the batch has changed them"
                skip_changes_nothing
                    "MUST NOT change a matched book on `OnConflict::Skip`"
                update_changes_what_the_row_says
                    "MUST apply the row's patch on `OnConflict::Update`, with version and time as \
                     an update has them"
                an_update_that_changes_nothing_is_skipped
                    "MUST return `Skipped` for a row whose update changes nothing"
                the_same_batch_twice_changes_nothing
                    "MUST skip every row of a batch that is imported again"
                a_dry_run_tells_and_writes_nothing
                    "MUST write nothing on a dry run, and return what would happen"
                a_row_that_takes_the_isbn_of_another_book_fails_alone
                    "MUST return `IsbnTaken` for a row that would take the ISBN of another book, \
                     and go on with the others"
                an_empty_batch_is_no_trouble
                    "MUST return no outcomes for no rows"
                simultaneous_imports_of_one_file_make_each_book_once
                    "MUST add each book once when several imports of one file run simultaneously"
            }
            "books::list" order {
                text_is_ordered_by_the_unicode_collation_algorithm
                    "MUST order titles and authors by their collation keys, in both directions"
                accents_and_case_only_break_ties
                    "MUST let accents and case only break ties in the order of text"
                numbers_are_ordered_as_numbers
                    "MUST order years as numbers, negative ones too"
                books_without_the_key_come_last_in_both_orders
                    "MUST list books without the key last in both directions"
                equal_keys_are_ordered_by_id_in_the_same_direction
                    "MUST order equal keys by id in the direction of the list"
                books_made_at_the_same_time_are_ordered_by_id
                    "MUST order books of one moment by id"
                a_book_made_earlier_comes_earlier_whenever_it_was_added
                    "MUST order by the time at which a book was made, not at which it was added"
            }
            "books::list" pages {
                a_page_is_never_longer_than_its_limit_and_says_whether_more_follow
                    "MUST return at most `limit` books, and set `has_next` exactly when more \
                     follow"
                a_page_past_the_end_is_empty
                    "MUST return an empty page past the end, however far it is"
                totals_are_given_where_they_are_asked_for
                    "MUST count exactly when `count` is set"
                a_filtered_total_is_capped_and_a_whole_one_exact
                    "MUST count up to `COUNT_LIMIT` with a filter, and exactly without one"
                the_total_of_all_books_follows_every_write
                    "MUST count all books exactly after every kind of write, simultaneous ones \
                     too"
                a_page_anywhere_is_a_part_of_the_whole_list
                    "MUST return from an offset what the whole list has there, in every order"
                every_walk_gives_every_book_once
                    "MUST return every book once to who reads page after page, by offset and by \
                     position"
                a_filtered_walk_gives_every_match_once
                    "MUST return every match once to who reads page after page of a filtered \
                     list"
                a_position_holds_when_its_book_is_gone
                    "MUST return what follows a position whose book is deleted"
                a_position_needs_no_book
                    "MUST return what follows a position that no book ever had"
                a_position_outside_of_the_filter_lets_nothing_else_in
                    "MUST apply the filter to what follows a position outside of it"
                a_walk_skips_and_repeats_nothing_while_others_write
                    "MUST skip and repeat nothing while books before the position come and go"
            }
            "books::read_after" pages {
                the_whole_catalogue_is_read_by_id
                    "MUST return the books after an id in the order of their ids, at most \
                     `limit`"
            }
            "books::list" search {
                case_is_ignored_in_every_script
                    "MUST ignore the case of a title in every script"
                parts_are_found_wherever_they_stand
                    "MUST find a part wherever it is in the title"
                short_parts_are_found_too
                    "MUST find a part of any length from one character"
                wildcards_and_operators_are_ordinary_characters
                    "MUST take wildcards and operators of the database as ordinary characters"
                accents_are_ignored
                    "MUST ignore accents"
                every_apostrophe_quotation_mark_hyphen_and_space_is_the_same
                    "MUST take every apostrophe, quotation mark, hyphen and kind of space for \
                     one"
                every_word_is_found_in_some_field
                    "MUST find a book by a search exactly when each word is in its title, author \
                     or ISBN"
                a_word_is_found_in_the_isbn
                    "MUST find a word of a search in the ISBN"
                many_short_words_are_found
                    "MUST find a search of many short words"
                no_character_is_too_strange
                    "MUST find characters that Unicode has not assigned or does not show"
                title_author_and_search_look_where_they_say
                    "MUST look for a title in the title, for an author in the author, and for a \
                     search in both"
                a_genre_is_matched_as_a_whole
                    "MUST match the genre as a whole, and a book without one by the default \
                     genre"
                years_bound_on_both_sides
                    "MUST bound years on both sides, the bounds included"
                an_isbn_is_matched_exactly
                    "MUST match an ISBN exactly"
                every_condition_must_hold
                    "MUST return only books for which every condition of the filter holds"
            }
            "books::list" search_changes {
                a_new_title_is_found_and_the_old_one_no_more
                    "MUST find a changed title, and the old one no more"
                a_new_author_is_found_and_the_old_one_no_more
                    "MUST find a changed author, and the old one no more"
                a_new_genre_is_found_and_the_old_one_no_more
                    "MUST find a changed genre, and the old one no more"
                a_deleted_book_is_found_no_more
                    "MUST NOT find a deleted book"
                an_imported_title_is_found_and_the_old_one_no_more
                    "MUST find a title that an import has changed, and the old one no more"
                a_refused_title_is_not_found
                    "MUST NOT find the title of a refused update"
            }
            "books::insert" durable {
                what_was_written_is_there_after_reopening
                    "MUST have stored books, their changes and their deletion durably when the \
                     write returns"
            }
        }
    };
}
