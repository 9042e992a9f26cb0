//! Faults of `BookReader::list` and `BookRepository::read_after`.

use std::sync::Mutex;

use bookshelf_domain::books::*;
use bookshelf_domain::{Order, SortKey, Start};

use crate::book_search;
use crate::plant::{Fault, fault, now};

pub(crate) fn title(book: &Book) -> &str {
    book.fields.title.as_str()
}

pub(crate) fn lists() -> Vec<Fault> {
    let mut all = order();
    all.extend(pages());
    all.extend(book_search::search());
    all.extend(book_search::changes());
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
