//! Faults of searches, and of what a search finds after a change.

use bookshelf_domain::books::*;
use bookshelf_domain::{Expected, Listing, SearchText, Timestamp, Total};

use crate::book_lists::title;
use crate::plant::{Fault, fault, now};

/// Lets only some of the found books through.
fn only(listing: Listing<Book>, is_found: impl Fn(&Book) -> bool) -> Listing<Book> {
    let before = listing.items.len();
    let items: Vec<_> = listing.items.into_iter().filter(is_found).collect();
    let gone = (before - items.len()) as u64;
    let total = listing.total.map(|total| Total { items: total.items - gone, ..total });
    Listing { items, total, ..listing }
}

fn new(fields: BookFields, at: Timestamp) -> NewBook {
    NewBook { fields, at, idempotency_key: None }
}

pub(crate) fn search() -> Vec<Fault> {
    vec![
        fault!("case is ignored in ASCII alone": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let Some(part) = part else { return Ok(listing) };
                let ascii = |text: &str| text.to_ascii_lowercase();
                Ok(only(listing, |book| {
                    title(book).is_ascii()
                        || ascii(title(book)).contains(part.as_str())
                }))
            },
            breaks
                "case_is_ignored_in_every_script"
                "short_parts_are_found_too"
                "accents_are_ignored"
                "every_apostrophe_quotation_mark_hyphen_and_space_is_the_same"),
        fault!("a part is found at the beginning alone": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let Some(part) = part else { return Ok(listing) };
                Ok(only(listing, |book| {
                    SearchText::new(title(book)).as_str().starts_with(part.as_str())
                }))
            },
            breaks
                "case_is_ignored_in_every_script"
                "parts_are_found_wherever_they_stand"
                "short_parts_are_found_too"
                "wildcards_and_operators_are_ordinary_characters"
                "accents_are_ignored"
                "no_character_is_too_strange"
                "every_condition_must_hold"
                "a_new_title_is_found_and_the_old_one_no_more"
                "an_imported_title_is_found_and_the_old_one_no_more"),
        fault!("parts of one character find nothing": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let short = part.is_some_and(|part| part.as_str().chars().count() == 1);
                Ok(only(listing, |_| !short))
            },
            breaks
                "short_parts_are_found_too"
                "wildcards_and_operators_are_ordinary_characters"
                "accents_are_ignored"
                "no_character_is_too_strange"
                "a_new_title_is_found_and_the_old_one_no_more"),
        fault!("a percent sign is a wildcard": book_reader.expect_list |m, mut query| {
                if let Some(part) = &mut query.filter.title {
                    *part = SearchText::new(part.as_str().trim_matches('%'));
                }
                now(m.book_reader.list(query))
            },
            breaks "wildcards_and_operators_are_ordinary_characters"),
        fault!("accents count": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let Some(part) = part else { return Ok(listing) };
                Ok(only(listing, |book| title(book).to_lowercase().contains(part.as_str())))
            },
            breaks
                "case_is_ignored_in_every_script"
                "accents_are_ignored"
                "every_apostrophe_quotation_mark_hyphen_and_space_is_the_same"),
        fault!("only the apostrophe of ASCII is found": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let quoted = part.is_some_and(|part| part.as_str().contains('\''));
                Ok(only(listing, |book| !quoted || title(book).contains('\'')))
            },
            breaks "every_apostrophe_quotation_mark_hyphen_and_space_is_the_same"),
        fault!("only the first word of a search counts": book_reader.expect_list |m, mut query| {
                let first = query.filter.search.iter().next().map(|word| word.text().to_owned());
                if let Some(first) = first {
                    query.filter.search = SearchWords::new(&first);
                }
                now(m.book_reader.list(query))
            },
            breaks
                "every_word_is_found_in_some_field"
                "a_word_is_found_in_the_isbn"
                "many_short_words_are_found"
                "every_condition_must_hold"),
        fault!("a search does not look into the ISBN": book_reader.expect_list |m, query| {
                let words = query.filter.search.clone();
                let listing = now(m.book_reader.list(query))?;
                Ok(only(listing, |book| {
                    let (title, author) = (SearchText::new(title(book)),
                        SearchText::new(book.fields.author.as_str()));
                    words.iter().all(|word| word.is_in(title.as_str(), author.as_str(), None))
                }))
            },
            breaks "a_word_is_found_in_the_isbn"),
        fault!("a search of more than six words finds nothing": book_reader.expect_list |m, query| {
                let many = query.filter.search.count() > 6;
                let listing = now(m.book_reader.list(query))?;
                Ok(only(listing, |_| !many))
            },
            breaks "many_short_words_are_found"),
        fault!("noncharacters are not found": book_reader.expect_list |m, query| {
                let part = query.filter.title.clone();
                let listing = now(m.book_reader.list(query))?;
                let strange = part.is_some_and(|part| part.as_str().contains('\u{ffff}'));
                Ok(only(listing, |_| !strange))
            },
            breaks "no_character_is_too_strange"),
        fault!("an author is looked for in the title too": book_reader.expect_list |m, mut query| {
                if let Some(author) = query.filter.author.take() {
                    query.filter.search = SearchWords::new(author.as_str());
                }
                now(m.book_reader.list(query))
            },
            breaks
                "title_author_and_search_look_where_they_say"
                "every_condition_must_hold"),
        fault!("a genre is matched by its beginning": book_reader.expect_list |m, mut query| {
                let genre = query.filter.genre.take();
                let listing = now(m.book_reader.list(query))?;
                let Some(genre) = genre else { return Ok(listing) };
                Ok(only(listing, |book| {
                    SearchText::new(book.fields.genre()).as_str().starts_with(genre.as_str())
                }))
            },
            breaks
                "a_genre_is_matched_as_a_whole"
                "every_condition_must_hold"),
        fault!("the first year is not included": book_reader.expect_list |m, mut query| {
                query.filter.year_from = query.filter.year_from.map(|year| year.saturating_add(1));
                now(m.book_reader.list(query))
            },
            breaks
                "years_bound_on_both_sides"
                "every_condition_must_hold"),
        fault!("an unknown ISBN finds everything": book_reader.expect_list |m, mut query| {
                if let Some(isbn) = query.filter.isbn
                    && now(m.book_reader.find_by_isbn(isbn))?.is_none()
                {
                    query.filter.isbn = None;
                }
                now(m.book_reader.list(query))
            },
            breaks
                "an_isbn_is_matched_exactly"
                "every_condition_must_hold"),
        fault!("a year replaces the bounds": book_reader.expect_list |m, mut query| {
                if query.filter.year.is_some() {
                    query.filter.year_from = None;
                    query.filter.year_to = None;
                }
                now(m.book_reader.list(query))
            },
            breaks "every_condition_must_hold"),
    ]
}

pub(crate) fn changes() -> Vec<Fault> {
    vec![
        fault!("an old title is still found": books.expect_update |m, update| {
                let before = now(m.book_reader.find(update.id))?;
                let changes = update.patch.title.is_some();
                let after = now(m.books.update(update))?;
                if let (Some(before), true) = (before, changes) {
                    let fields = BookFields { isbn: None, ..before.fields };
                    now(m.books.insert(new(fields, after.updated_at)))?;
                }
                Ok(after)
            },
            breaks
                "a_writer_reads_what_it_has_written"
                "a_new_title_is_found_and_the_old_one_no_more"
                "what_was_written_is_there_after_reopening"),
        fault!("an old author is still found": books.expect_update |m, update| {
                let before = now(m.book_reader.find(update.id))?;
                let changes = update.patch.author.is_some();
                let after = now(m.books.update(update))?;
                if let (Some(before), true) = (before, changes) {
                    let fields = BookFields { isbn: None, ..before.fields };
                    now(m.books.insert(new(fields, after.updated_at)))?;
                }
                Ok(after)
            },
            breaks "a_new_author_is_found_and_the_old_one_no_more"),
        fault!("a book that has lost its genre is found by none":
            book_reader.expect_list |m, query| {
                let unknown = query.filter.genre == Some(SearchText::new("unknown"));
                let listing = now(m.book_reader.list(query))?;
                Ok(only(listing, |book| !unknown || book.version.get() == 1))
            },
            breaks "a_new_genre_is_found_and_the_old_one_no_more"),
        fault!("a deleted book is still found": books.expect_delete |m, id, expected, shelved| {
                let before = now(m.book_reader.find(id))?;
                let shelves = now(m.books.delete(id, expected, shelved))?;
                if let Some(before) = before {
                    now(m.books.insert(new(before.fields, before.created_at)))?;
                }
                Ok(shelves)
            },
            breaks
                "a_book_is_found_by_its_isbn_as_long_as_it_has_it"
                "a_deleted_book_is_gone"
                "an_isbn_is_free_once_its_book_is_deleted"
                "the_total_of_all_books_follows_every_write"
                "a_position_holds_when_its_book_is_gone"
                "a_walk_skips_and_repeats_nothing_while_others_write"
                "the_whole_catalogue_is_read_by_id"
                "a_deleted_book_is_found_no_more"
                "what_was_written_is_there_after_reopening"),
        fault!("an imported title is not found": books.expect_import |m, batch| {
                let outcomes = now(m.books.import(batch.clone()))?;
                if let [Imported::Updated(id)] = outcomes[..] {
                    let title = Some(Title::parse("Working title").unwrap());
                    let patch = BookPatch { title, ..BookPatch::default() };
                    let update = BookUpdate { id, expected: Expected::Any, patch, at: batch.at };
                    drop(now(m.books.update(update)));
                }
                Ok(outcomes)
            },
            breaks "update_changes_what_the_row_says"
                "an_imported_title_is_found_and_the_old_one_no_more"),
    ]
}
