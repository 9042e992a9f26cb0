//! Faults of `BookReader::list` and `BookRepository::read_after`, and of what a search finds.

use std::sync::Mutex;

use bookshelf_domain::books::*;
use bookshelf_domain::{Expected, Listing, Order, SearchText, SortKey, Start, Timestamp, Total};

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

fn title(book: &Book) -> &str {
    book.fields.title.as_str()
}

pub(crate) fn lists() -> Vec<Fault> {
    let mut all = order();
    all.extend(pages());
    all.extend(search());
    all.extend(changes());
    all
}

fn order() -> Vec<Fault> {
    vec![
        fault!("text is ordered by code point": book_reader.expect_list |m, query| {
                let (sort, order) = (query.sort, query.order);
                let mut listing = now(m.book_reader.list(query))?;
                match sort {
                    BookSort::Title => listing.items.sort_by_key(|book| title(book).to_owned()),
                    BookSort::Author => {
                        listing.items.sort_by_key(|book| book.fields.author.as_str().to_owned());
                    }
                    _ => return Ok(listing),
                }
                if order == Order::Descending {
                    listing.items.reverse();
                }
                Ok(listing)
            },
            breaks
                "text_is_ordered_by_the_unicode_collation_algorithm"
                "accents_and_case_only_break_ties"
                "equal_keys_are_ordered_by_id_in_the_same_direction"),
        fault!("years are ordered as text": book_reader.expect_list |m, query| {
                let sort = query.sort;
                let mut listing = now(m.book_reader.list(query))?;
                let has_year = |book: &Book| book.fields.year.is_some();
                if sort == BookSort::Year && listing.items.iter().all(has_year) {
                    let year = |book: &Book| book.fields.year.map(|year| year.get().to_string());
                    listing.items.sort_by_key(year);
                }
                Ok(listing)
            },
            breaks "numbers_are_ordered_as_numbers"),
        fault!("books without a year come first in descending order":
            book_reader.expect_list |m, query| {
                let turned = (query.sort, query.order) == (BookSort::Year, Order::Descending);
                let mut listing = now(m.book_reader.list(query))?;
                if turned {
                    listing.items.sort_by_key(|book| book.fields.year.is_some());
                }
                Ok(listing)
            },
            breaks
                "books_without_the_key_come_last_in_both_orders"
                "a_position_needs_no_book"),
        fault!("equal keys are ordered by ascending id": book_reader.expect_list |m, query| {
                let (sort, order) = (query.sort, query.order);
                let mut listing = now(m.book_reader.list(query))?;
                if order == Order::Descending && sort == BookSort::Author {
                    listing.items.sort_by_key(|book| book.id);
                }
                Ok(listing)
            },
            breaks "equal_keys_are_ordered_by_id_in_the_same_direction"),
        fault!("books of one moment are ordered by title": book_reader.expect_list |m, query| {
                let sorted = (query.sort, query.order) == (BookSort::CreatedAt, Order::Descending);
                let mut listing = now(m.book_reader.list(query))?;
                if sorted {
                    listing.items.sort_by_key(|book| std::cmp::Reverse(title(book).to_owned()));
                }
                Ok(listing)
            },
            breaks
                "equal_keys_are_ordered_by_id_in_the_same_direction"
                "books_made_at_the_same_time_are_ordered_by_id"),
        fault!("the newest books are those added last": book_reader.expect_list |m, query| {
                let sorted = (query.sort, query.order) == (BookSort::CreatedAt, Order::Ascending);
                let mut listing = now(m.book_reader.list(query))?;
                if sorted {
                    listing.items.sort_by_key(|book| book.id);
                }
                Ok(listing)
            },
            breaks "a_book_made_earlier_comes_earlier_whenever_it_was_added"),
    ]
}

fn pages() -> Vec<Fault> {
    vec![
        fault!("a full page says that more follow": book_reader.expect_list |m, query| {
                let limit = query.limit as usize;
                let mut listing = now(m.book_reader.list(query))?;
                listing.has_next |= listing.items.len() == limit && limit > 1;
                Ok(listing)
            },
            breaks "a_page_is_never_longer_than_its_limit_and_says_whether_more_follow"),
        fault!("past the end is the beginning": book_reader.expect_list |m, mut query| {
                if matches!(query.start, Start::Offset(offset) if offset > 1000) {
                    query.start = Start::Offset(0);
                }
                now(m.book_reader.list(query))
            },
            breaks "a_page_past_the_end_is_empty"),
        fault!("a total is given unasked": book_reader.expect_list |m, mut query| {
                query.count = true;
                now(m.book_reader.list(query))
            },
            breaks "totals_are_given_where_they_are_asked_for"),
        fault!("a filtered total is not capped": book_reader.expect_list |m, query| {
                let mut listing = now(m.book_reader.list(query))?;
                if let Some(total) = &mut listing.total {
                    total.exact = true;
                }
                Ok(listing)
            },
            breaks "a_filtered_total_is_capped_and_a_whole_one_exact"),
        fault!("the total of all books never shrinks": book_reader.expect_list |m, query|
            @most = Mutex::new(0); {
                let whole = query.filter == BookFilter::default();
                let mut listing = now(m.book_reader.list(query))?;
                if let (true, Some(total)) = (whole, &mut listing.total) {
                    let mut most = most.lock().unwrap();
                    *most = total.items.max(*most);
                    total.items = *most;
                }
                Ok(listing)
            },
            breaks "the_total_of_all_books_follows_every_write"),
        fault!("far inside, a page begins one book too late":
            book_reader.expect_list |m, mut query| {
                if let Start::Offset(offset) = &mut query.start
                    && (200..1000).contains(&*offset)
                {
                    *offset += 1;
                }
                now(m.book_reader.list(query))
            },
            breaks "a_page_anywhere_is_a_part_of_the_whole_list"),
        fault!("a position without a key forgets the direction":
            book_reader.expect_list |m, mut query| {
                if let (Start::After(position), Order::Descending) = (&mut query.start, query.order)
                    && position.key == SortKey::Missing
                {
                    position.id = BookId::new(0);
                }
                now(m.book_reader.list(query))
            },
            breaks
                "every_walk_gives_every_book_once"
                "a_position_needs_no_book"),
        fault!("the second page forgets the search": book_reader.expect_list |m, mut query| {
                if query.start != Start::Offset(0) {
                    query.filter.search = SearchWords::default();
                }
                now(m.book_reader.list(query))
            },
            breaks "a_filtered_walk_gives_every_match_once"),
        fault!("a position whose book is gone is the beginning":
            book_reader.expect_list |m, mut query| {
                if let Start::After(position) = &query.start
                    && (1..i64::MAX).contains(&position.id.get())
                    && now(m.book_reader.find(position.id))?.is_none()
                {
                    query.start = Start::Offset(0);
                }
                now(m.book_reader.list(query))
            },
            breaks
                "a_position_holds_when_its_book_is_gone"
                "a_position_outside_of_the_filter_lets_nothing_else_in"
                "a_walk_skips_and_repeats_nothing_while_others_write"),
        fault!("a position before every id is the beginning":
            book_reader.expect_list |m, mut query| {
                if let (Start::After(position), Order::Ascending) = (&query.start, query.order)
                    && position.id.get() == 0
                {
                    query.start = Start::Offset(0);
                }
                now(m.book_reader.list(query))
            },
            breaks "a_position_needs_no_book"
                "a_position_outside_of_the_filter_lets_nothing_else_in"),
        fault!("a position replaces the bound": book_reader.expect_list |m, mut query| {
                if matches!(query.start, Start::After(_)) {
                    query.filter.year_from = None;
                }
                now(m.book_reader.list(query))
            },
            breaks "a_position_outside_of_the_filter_lets_nothing_else_in"),
        fault!("a book is skipped after one that is gone": book_reader.expect_list |m, query| {
                let gone = match &query.start {
                    Start::After(position) => now(m.book_reader.find(position.id))?.is_none(),
                    Start::Offset(_) => false,
                };
                let mut listing = now(m.book_reader.list(query))?;
                if gone && !listing.items.is_empty() {
                    listing.items.remove(0);
                }
                Ok(listing)
            },
            breaks
                "a_position_holds_when_its_book_is_gone"
                "a_position_needs_no_book"
                "a_position_outside_of_the_filter_lets_nothing_else_in"
                "a_walk_skips_and_repeats_nothing_while_others_write"),
        fault!("an export reads one book too many": books.expect_read_after |m, after, limit|
            now(m.books.read_after(after, if limit < 10 { limit + 1 } else { limit })),
            breaks "the_whole_catalogue_is_read_by_id"),
    ]
}

fn search() -> Vec<Fault> {
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

fn changes() -> Vec<Fault> {
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
                "whoever_has_written_reads_what_it_wrote"
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
