use bookshelf_domain::books::{BookError, BookFields, BookPatch};
use bookshelf_domain::{Change, Expected, Version};

use super::{add, change, found};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{AddBook, book, isbn, line, moment, next_id, one_of, prose, year};
use crate::saw::Must;

fn titled(title: &str) -> BookPatch {
    BookPatch { title: Some(line(title)), ..BookPatch::default() }
}

fn numbered(number: usize) -> BookPatch {
    BookPatch { isbn: Change::Set(isbn(number)), ..BookPatch::default() }
}

pub(super) async fn only_what_the_patch_names_changes(store: Store) {
    let fields = BookFields {
        isbn: Some(isbn(1)),
        genre: Some(line("Novel")),
        year: Some(year(1922)),
        description: Some(prose("One day")),
        ..book("Ulysses", "James Joyce")
    };
    let id = store.books.add(fields.clone(), moment(0)).await.must().id;
    let steps = [
        (titled("Finnegans Wake"), BookFields { title: line("Finnegans Wake"), ..fields.clone() }),
        (BookPatch::from(fields.clone()), fields.clone()),
        (
            BookPatch {
                author: Some(line("J. Joyce")),
                isbn: Change::Clear,
                genre: Change::Clear,
                year: Change::Clear,
                description: Change::Clear,
                ..BookPatch::default()
            },
            book("Ulysses", "J. Joyce"),
        ),
        (BookPatch::from(fields.clone()), fields),
    ];
    for (patch, expected) in steps {
        let updated = store.books.update(change(id, Expected::Any, patch)).await.must();
        ensure_eq!(updated.fields, expected);
        ensure_eq!(found(&store, id).await, updated);
    }
}

pub(super) async fn a_change_raises_the_version_and_sets_the_time(store: Store) {
    let before = add(&store, "A").await;
    let after = store.books.update(change(before.id, Expected::Any, titled("B"))).await.must();
    ensure_eq!(after.version, before.version.next());
    ensure_eq!((after.created_at, after.updated_at), (moment(0), moment(60)));
    ensure_eq!(found(&store, before.id).await, after);
}

pub(super) async fn a_patch_that_changes_nothing_leaves_version_and_time_alone(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("A", "B") };
    let before = store.books.add(fields.clone(), moment(0)).await.must();
    for patch in [BookPatch::default(), titled("A"), numbered(1), fields.into()] {
        let after = store.books.update(change(before.id, Expected::Any, patch)).await.must();
        ensure_eq!(after, before);
        ensure_eq!(found(&store, before.id).await, before);
    }
}

pub(super) async fn a_missing_book_is_told_before_a_stale_version(store: Store) {
    let id = add(&store, "A").await.id;
    for expected in [Expected::Any, one_of([]), one_of([9])] {
        let answer = store.books.update(change(next_id(id), expected, titled("B"))).await;
        ensure!(matches!(answer, Err(BookError::NotFound)), "{answer:?}");
    }
}

pub(super) async fn a_stale_version_comes_before_a_taken_isbn(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Holder", "B") };
    store.books.add(fields, moment(0)).await.must();
    let before = add(&store, "A").await;
    for expected in [one_of([2]), one_of([])] {
        let answer = store.books.update(change(before.id, expected, numbered(1))).await;
        ensure!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
    }
    ensure_eq!(found(&store, before.id).await, before);
}

pub(super) async fn a_taken_isbn_names_its_holder_and_changes_nothing(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Holder", "B") };
    let holder = store.books.add(fields, moment(0)).await.must();
    let before = add(&store, "A").await;
    let patch = BookPatch { title: Some(line("B")), ..numbered(1) };
    match store.books.update(change(before.id, Expected::Any, patch)).await {
        Err(BookError::IsbnTaken { by }) => ensure_eq!(by, holder.id),
        other => broken!("{other:?}"),
    }
    ensure_eq!(found(&store, before.id).await, before);
}

pub(super) async fn an_isbn_that_was_given_up_is_free(store: Store) {
    let fields = BookFields { isbn: Some(isbn(1)), ..book("Holder", "B") };
    let holder = store.books.add(fields, moment(0)).await.must();
    let other = add(&store, "A").await;
    store.books.update(change(holder.id, Expected::Any, numbered(2))).await.must();
    let after = store.books.update(change(other.id, Expected::Any, numbered(1))).await.must();
    ensure_eq!(after.fields.isbn, Some(isbn(1)));
}

pub(super) async fn any_of_the_expected_versions_will_do(store: Store) {
    let id = add(&store, "A").await.id;
    let expected = one_of([7, 1, 3]);
    let updated = store.books.update(change(id, expected.clone(), titled("B"))).await.must();
    ensure_eq!(updated.version, Version::new(2));
    let answer = store.books.update(change(id, expected, titled("C"))).await;
    ensure!(matches!(answer, Err(BookError::Stale)), "{answer:?}");
}

pub(super) async fn of_simultaneous_updates_of_one_version_one_succeeds(store: Store) {
    let id = add(&store, "Start").await.id;
    for version in 1..=5 {
        let answers = store
            .at_once(32, |number| {
                let books = store.books.clone();
                let patch = titled(&format!("Version {version} by {number}"));
                let update = change(id, one_of([version]), patch);
                async move { books.update(update).await }
            })
            .await;
        let mut succeeded = Vec::new();
        for answer in answers {
            match answer {
                Ok(book) => succeeded.push(book),
                Err(BookError::Stale) => {}
                Err(other) => broken!("{other:?}"),
            }
        }
        ensure_eq!(succeeded, [found(&store, id).await]);
        ensure_eq!(succeeded[0].version, Version::new(version + 1));
    }
}

pub(super) async fn no_simultaneous_update_is_lost(store: Store) {
    let id = add(&store, "0").await.id;
    store
        .at_once(16, |_| {
            let (books, book_reader) = (store.books.clone(), store.book_reader.clone());
            async move {
                for _ in 0..1000 {
                    let seen = book_reader.find(id).await.must().must();
                    let count: u32 = seen.fields.title.as_str().parse().must();
                    let patch = titled(&(count + 1).to_string());
                    match books.update(change(id, Expected::OneOf(vec![seen.version]), patch)).await
                    {
                        Ok(_) => return,
                        Err(BookError::Stale) => {}
                        Err(other) => broken!("{other:?}"),
                    }
                }
                broken!("Stale a thousand times");
            }
        })
        .await;
    let after = found(&store, id).await;
    ensure_eq!((after.fields.title.as_str(), after.version), ("16", Version::new(17)));
}

pub(super) async fn of_simultaneous_claims_of_one_isbn_one_succeeds(store: Store) {
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(add(&store, &format!("Book {number}")).await.id);
    }
    let answers = store
        .at_once(20, |number| {
            let (books, id) = (store.books.clone(), ids[number]);
            async move { books.update(change(id, Expected::Any, numbered(1))).await }
        })
        .await;
    let holder = store.book_reader.find_by_isbn(isbn(1)).await.must().must().id;
    let mut succeeded = 0;
    for answer in answers {
        match answer {
            Ok(book) if book.id == holder => succeeded += 1,
            Err(BookError::IsbnTaken { by }) => ensure_eq!(by, holder),
            other => broken!("{other:?}"),
        }
    }
    ensure_eq!(succeeded, 1);
}
