//! What a search finds follows every write.

use bookshelf_domain::books::{
    BookError, BookFields, BookFilter, BookPatch, ImportBatch, ImportRow, OnConflict, WhenShelved,
};
use bookshelf_domain::{Change, Expected, SearchText};

use super::{add, change, title_has, titles};
use crate::Store;
use crate::macros::{ensure, ensure_eq};
use crate::sample::{AddBook, book, isbn, line, moment};
use crate::saw::Must;

pub(super) async fn a_new_title_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Working title").await.id;
    let patch = BookPatch { title: Some(line("Ulysses")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.must();
    for gone in ["working", "ki", "w"] {
        ensure!(titles(&store, title_has(gone)).await.is_empty(), "{gone}");
    }
    for there in ["ULYSSES", "ly", "y"] {
        ensure_eq!(titles(&store, title_has(there)).await, ["Ulysses"], "{there}");
    }
}

pub(super) async fn a_new_author_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Middlemarch").await.id;
    let patch = BookPatch { author: Some(line("George Eliot")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.must();
    let by = |part| BookFilter { author: Some(SearchText::new(part)), ..BookFilter::default() };
    for gone in ["ann author", "nn"] {
        ensure!(titles(&store, by(gone)).await.is_empty(), "{gone}");
    }
    for there in ["eliot", "gE"] {
        ensure_eq!(titles(&store, by(there)).await, ["Middlemarch"], "{there}");
    }
}

pub(super) async fn a_new_genre_is_found_and_the_old_one_no_more(store: Store) {
    let id = add(&store, "Emma").await.id;
    let of = |genre| BookFilter { genre: Some(SearchText::new(genre)), ..BookFilter::default() };
    let patch = BookPatch { genre: Change::Set(line("Novel")), ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.must();
    ensure_eq!(titles(&store, of("novel")).await, ["Emma"]);
    ensure!(titles(&store, of("unknown")).await.is_empty());
    let patch = BookPatch { genre: Change::Clear, ..BookPatch::default() };
    store.books.update(change(id, Expected::Any, patch)).await.must();
    ensure!(titles(&store, of("novel")).await.is_empty());
    ensure_eq!(titles(&store, of("unknown")).await, ["Emma"]);
}

pub(super) async fn a_deleted_book_is_found_no_more(store: Store) {
    let id = add(&store, "Lost plays").await.id;
    store.books.delete(id, Expected::Any, WhenShelved::Refuse).await.must();
    add(&store, "Another").await;
    for gone in ["lost", "pl", "s"] {
        ensure!(titles(&store, title_has(gone)).await.is_empty(), "{gone}");
    }
}

pub(super) async fn an_imported_title_is_found_and_the_old_one_no_more(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Working title", "A") };
    store.books.add(fields, moment(0)).await.must();
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Dubliners", "A") };
    let batch = ImportBatch {
        rows: vec![ImportRow { patch: fields.clone().into(), fields }],
        on_conflict: OnConflict::Update,
        dry_run: false,
        at: moment(1),
    };
    store.books.import(batch).await.must();
    ensure!(titles(&store, title_has("working")).await.is_empty());
    ensure_eq!(titles(&store, title_has("lin")).await, ["Dubliners"]);
}

pub(super) async fn a_refused_title_is_not_found(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("First", "A") };
    store.books.add(fields, moment(0)).await.must();
    let id = add(&store, "Second").await.id;
    let patch = BookPatch {
        title: Some(line("Third")),
        isbn: Change::Set(isbn(1)),
        ..BookPatch::default()
    };
    let refused = store.books.update(change(id, Expected::Any, patch)).await;
    ensure!(matches!(refused, Err(BookError::IsbnTaken { .. })), "{refused:?}");
    ensure!(titles(&store, title_has("third")).await.is_empty());
    ensure_eq!(titles(&store, title_has("second")).await, ["Second"]);
}
