//! What a search finds follows every write.

use bookshelf_domain::books::{
    BookError, BookFields, BookFilter, BookPatch, ImportBatch, ImportRow, OnConflict, WhenShelved,
};
use bookshelf_domain::{Change, Expected, SearchText};
use bookshelf_tests::{AddBook, Store};

use super::{add, change, title_has, titles};
use crate::sample::{book, isbn, line, moment};

contract! {
    a_new_title_is_found_and_the_old_one_no_more,
    a_new_author_is_found_and_the_old_one_no_more,
    a_new_genre_is_found_and_the_old_one_no_more,
    a_deleted_book_is_found_no_more,
    an_imported_title_is_found_and_the_old_one_no_more,
    a_refused_title_is_not_found,
}

async fn a_new_title_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Working title").await.id;
    let patch = BookPatch { title: Some(line("Ulysses")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.unwrap();
    for gone in ["working", "ki", "w"] {
        assert!(titles(&store, title_has(gone)).await.is_empty(), "{gone}");
    }
    for there in ["ULYSSES", "ly", "y"] {
        assert_eq!(titles(&store, title_has(there)).await, ["Ulysses"], "{there}");
    }
}

async fn a_new_author_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Middlemarch").await.id;
    let patch = BookPatch { author: Some(line("George Eliot")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.unwrap();
    let by = |part| BookFilter { author: Some(SearchText::new(part)), ..BookFilter::default() };
    for gone in ["ann author", "nn"] {
        assert!(titles(&store, by(gone)).await.is_empty(), "{gone}");
    }
    for there in ["eliot", "gE"] {
        assert_eq!(titles(&store, by(there)).await, ["Middlemarch"], "{there}");
    }
}

async fn a_new_genre_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Emma").await.id;
    let of = |genre| BookFilter { genre: Some(SearchText::new(genre)), ..BookFilter::default() };
    let patch = BookPatch { genre: Change::Set(line("Novel")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.unwrap();
    assert_eq!(titles(&store, of("novel")).await, ["Emma"]);
    assert!(titles(&store, of("unknown")).await.is_empty());
    let patch = BookPatch { genre: Change::Clear, ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.unwrap();
    assert!(titles(&store, of("novel")).await.is_empty());
    assert_eq!(titles(&store, of("unknown")).await, ["Emma"]);
}

async fn a_deleted_book_is_found_no_more(store: Store) {
    let id = add(&store, "Lost plays").await.id;
    store.books.delete(id, Expected::Any, WhenShelved::Refuse).await.unwrap();
    add(&store, "Another").await;
    for gone in ["lost", "pl", "s"] {
        assert!(titles(&store, title_has(gone)).await.is_empty(), "{gone}");
    }
}

async fn an_imported_title_is_found_and_the_old_one_no_more(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Working title", "A") };
    store.books.add(fields, moment(0)).await.unwrap();
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Dubliners", "A") };
    let batch = ImportBatch {
        rows: vec![ImportRow { patch: fields.clone().into(), fields }],
        on_conflict: OnConflict::Update,
        dry_run: false,
        at: moment(1),
    };
    store.books.import(batch).await.unwrap();
    assert!(titles(&store, title_has("working")).await.is_empty());
    assert_eq!(titles(&store, title_has("lin")).await, ["Dubliners"]);
}

async fn a_refused_title_is_not_found(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("First", "A") };
    store.books.add(fields, moment(0)).await.unwrap();
    let id = add(&store, "Second").await.id;
    let patch = BookPatch {
        title: Some(line("Third")),
        isbn: Change::Set(isbn(1)),
        ..BookPatch::default()
    };
    let refused = store.books.update(change(id, Expected::Any, patch)).await;
    assert!(matches!(refused, Err(BookError::IsbnTaken { .. })), "{refused:?}");
    assert!(titles(&store, title_has("third")).await.is_empty());
    assert_eq!(titles(&store, title_has("second")).await, ["Second"]);
}
