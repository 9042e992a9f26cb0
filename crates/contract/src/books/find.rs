use bookshelf_domain::Expected;
use bookshelf_domain::books::{BookFields, BookId, BookPatch, WhenShelved, Year};
use chrono::TimeDelta;

use super::{add, change, found};
use crate::Store;
use crate::macros::ensure_eq;
use crate::sample::{AddBook, book, isbn, line, moment, prose, year};
use crate::saw::Must;

pub(super) async fn a_book_comes_back_to_the_byte(store: Store) {
    let texts = [
        "Zoe\u{308}",
        "Zo\u{eb}",
        "100% \\ _ * ? \" ' ; -- \u{202e}abc",
        "紅樓夢 三体",
        "ألف ليلة وليلة",
        "👩‍👩‍👧 📚 \u{10ffff}",
        "a\u{a0}b\u{200b}c\u{feff}d",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        let fields = BookFields {
            isbn: Some(isbn(number)),
            genre: Some(line(text)),
            year: Some(year(Year::EARLIEST)),
            description: Some(prose(&format!("{text}\r\n\n\tmore\u{1}"))),
            ..book(text, text)
        };
        let inserted = store.books.add(fields.clone(), moment(1)).await.must();
        ensure_eq!(inserted.fields, fields);
        ensure_eq!(found(&store, inserted.id).await, inserted);
        ensure_eq!(store.book_reader.find_by_isbn(isbn(number)).await.must(), Some(inserted));
    }
}

pub(super) async fn the_genre_that_was_not_given_is_not_made_up(store: Store) {
    let without = book("A", "B");
    let with = BookFields { genre: Some(line(BookFields::DEFAULT_GENRE)), ..without.clone() };
    for fields in [without, with] {
        let id = store.books.add(fields.clone(), moment(0)).await.must().id;
        ensure_eq!(found(&store, id).await.fields, fields);
    }
}

pub(super) async fn times_are_kept_to_the_microsecond(store: Store) {
    let at = moment(0) + TimeDelta::microseconds(123_457);
    let id = store.books.add(book("A", "B"), at).await.must().id;
    ensure_eq!(found(&store, id).await.created_at, at);
    ensure_eq!(found(&store, id).await.updated_at, at);
}

pub(super) async fn there_is_no_book_where_none_was_made(store: Store) {
    let id = add(&store, "A").await.id;
    for id in [0, -1, id.get() + 1, i64::MAX, i64::MIN].map(BookId::new) {
        ensure_eq!(store.book_reader.find(id).await.must(), None);
    }
    ensure_eq!(store.book_reader.find_by_isbn(isbn(1)).await.must(), None);
}

pub(super) async fn a_book_is_found_by_its_isbn_as_long_as_it_has_it(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let id = store.books.add(fields, moment(0)).await.must().id;
    let patch = BookPatch { isbn: bookshelf_domain::Change::Set(isbn(2)), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.must();
    ensure_eq!(store.book_reader.find_by_isbn(isbn(1)).await.must(), None);
    ensure_eq!(store.book_reader.find_by_isbn(isbn(2)).await.must().must().id, id);
    store.books.delete(id, Expected::Any, WhenShelved::Refuse).await.must();
    ensure_eq!(store.book_reader.find_by_isbn(isbn(2)).await.must(), None);
}

pub(super) async fn a_writer_reads_what_it_has_written(store: Store) {
    let id = add(&store, "Draft").await.id;
    for number in 0..50 {
        let patch =
            BookPatch { title: Some(line(&format!("Draft {number}"))), ..BookPatch::default() };
        let written = store.books.update(change(id, Expected::Any, patch)).await.must();
        ensure_eq!(found(&store, id).await, written);
        let listing = store.book_reader.list(crate::sample::every_book()).await.must();
        ensure_eq!(listing.items, [written]);
    }
}
