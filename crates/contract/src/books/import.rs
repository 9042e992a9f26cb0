use bookshelf_domain::books::{BookFields, BookId, ImportBatch, Imported, OnConflict, WhenShelved};
use bookshelf_domain::{Change, Expected, Version};

use super::{add, found, titles};
use crate::Store;
use crate::macros::{broken, ensure, ensure_eq};
use crate::sample::{AddBook, book, import_row, isbn, line, moment, year};
use crate::saw::Must;

fn batch(on_conflict: OnConflict, rows: Vec<BookFields>) -> ImportBatch {
    let rows = rows.into_iter().map(import_row).collect();
    ImportBatch { rows, on_conflict, dry_run: false, at: moment(60) }
}

async fn import(store: &Store, on_conflict: OnConflict, rows: Vec<BookFields>) -> Vec<Imported> {
    store.books.import(batch(on_conflict, rows)).await.must()
}

fn with_isbn(number: usize, title: &str) -> BookFields {
    BookFields { isbn: Some(isbn(number)), ..book(title, "Ann Author") }
}

pub(super) async fn new_rows_become_books_in_their_order(store: Store) {
    let rows = vec![with_isbn(1, "A"), book("B", "x"), with_isbn(2, "A"), book("C", "x")];
    let outcomes = import(&store, OnConflict::Skip, rows.clone()).await;
    ensure_eq!(outcomes.len(), 4);
    let mut last = BookId::new(0);
    for (outcome, fields) in outcomes.into_iter().zip(rows) {
        let Imported::Created(id) = outcome else { broken!("{outcome:?}") };
        ensure!(id > last);
        last = id;
        let book = found(&store, id).await;
        ensure_eq!((book.fields, book.version), (fields, Version::FIRST));
        ensure_eq!((book.created_at, book.updated_at), (moment(60), moment(60)));
    }
}

pub(super) async fn a_row_with_an_isbn_is_matched_by_that_alone(store: Store) {
    let known = store.books.add(with_isbn(1, "Emma"), moment(0)).await.must();
    let unnumbered = add(&store, "Persuasion").await;
    let rows = vec![
        BookFields { isbn: Some(isbn(1)), ..book("Another title", "Another author") },
        with_isbn(2, "Emma"),
        with_isbn(3, "Persuasion"),
    ];
    let outcomes = import(&store, OnConflict::Skip, rows).await;
    ensure_eq!(outcomes[0], Imported::Skipped(known.id));
    ensure!(matches!(outcomes[1], Imported::Created(_)));
    ensure!(matches!(outcomes[2], Imported::Created(_)));
    ensure_eq!(found(&store, unnumbered.id).await, unnumbered);
}

pub(super) async fn a_row_without_one_is_matched_by_folded_title_and_author(store: Store) {
    let known = store.books.add(book("Thérèse Raquin", "Émile Zola"), moment(0)).await.must();
    let numbered = store.books.add(with_isbn(1, "Emma"), moment(0)).await.must();
    let rows = vec![
        book("THE\u{301}RÈSE RAQUIN", "émile zola"),
        book("emma", "ANN AUTHOR"),
        book("Thérèse Raquin", "Zola"),
        book("Thérèse", "Émile Zola"),
        book("Therese Raquin", "Emile Zola"),
        book("THERESE RAQUIN", "emile zola"),
    ];
    let outcomes = import(&store, OnConflict::Skip, rows).await;
    ensure_eq!(outcomes[..2], [Imported::Skipped(known.id), Imported::Skipped(numbered.id)]);
    ensure!(outcomes[2..5].iter().all(|outcome| matches!(outcome, Imported::Created(_))));
    let Imported::Created(unaccented) = outcomes[4] else { broken!("{outcomes:?}") };
    ensure_eq!(outcomes[5], Imported::Skipped(unaccented));
}

pub(super) async fn the_oldest_of_several_matches_counts(store: Store) {
    let first = add(&store, "Poems").await.id;
    add(&store, "poems").await;
    add(&store, "Poems").await;
    let outcomes = import(&store, OnConflict::Skip, vec![book("POEMS", "ann author")]).await;
    ensure_eq!(outcomes, [Imported::Skipped(first)]);
}

pub(super) async fn earlier_rows_of_the_batch_count_too(store: Store) {
    let known = store.books.add(with_isbn(1, "Old"), moment(0)).await.must().id;
    let rows = vec![
        book("Fresh", "Ann Author"),
        book("fresh", "Ann Author"),
        with_isbn(2, "Numbered"),
        with_isbn(2, "Whatever"),
        with_isbn(1, "New"),
        BookFields { year: Some(year(1)), ..book("NEW", "Ann Author") },
    ];
    let outcomes = import(&store, OnConflict::Update, rows).await;
    let [Imported::Created(fresh), _, Imported::Created(numbered), ..] = outcomes[..] else {
        broken!("{outcomes:?}")
    };
    let expected = [
        Imported::Created(fresh),
        Imported::Updated(fresh),
        Imported::Created(numbered),
        Imported::Updated(numbered),
        Imported::Updated(known),
        Imported::Updated(known),
    ];
    ensure_eq!(outcomes, expected);
    let book = found(&store, known).await;
    ensure_eq!((book.fields.title.as_str(), book.version), ("NEW", Version::new(3)));
}

pub(super) async fn skip_changes_nothing(store: Store) {
    let before = store.books.add(with_isbn(1, "A"), moment(0)).await.must();
    let outcomes = import(&store, OnConflict::Skip, vec![with_isbn(1, "B")]).await;
    ensure_eq!(outcomes, [Imported::Skipped(before.id)]);
    ensure_eq!(found(&store, before.id).await, before);
}

pub(super) async fn update_changes_what_the_row_says(store: Store) {
    let before = BookFields { genre: Some(line("Novel")), ..with_isbn(1, "A") };
    let before = store.books.add(before, moment(0)).await.must();
    let said = BookFields { year: Some(year(-5)), ..with_isbn(1, "B") };
    let outcomes = import(&store, OnConflict::Update, vec![said.clone()]).await;
    ensure_eq!(outcomes, [Imported::Updated(before.id)]);
    let after = found(&store, before.id).await;
    ensure_eq!(after.fields, BookFields { genre: Some(line("Novel")), ..said });
    ensure_eq!(after.version, Version::new(2));
    ensure_eq!((after.created_at, after.updated_at), (moment(0), moment(60)));
}

pub(super) async fn an_update_that_changes_nothing_is_skipped(store: Store) {
    let fields = BookFields { genre: Some(line("Novel")), ..with_isbn(1, "A") };
    let before = store.books.add(fields, moment(0)).await.must();
    let outcomes = import(&store, OnConflict::Update, vec![with_isbn(1, "A")]).await;
    ensure_eq!(outcomes, [Imported::Skipped(before.id)]);
    ensure_eq!(found(&store, before.id).await, before);
}

pub(super) async fn the_same_batch_twice_changes_nothing(store: Store) {
    let rows: Vec<_> = (0..50)
        .map(|number| match number % 3 {
            0 => book(&format!("Title {}", number % 7), "x"),
            _ => with_isbn(number, &format!("Title {number}")),
        })
        .collect();
    for on_conflict in [OnConflict::Update, OnConflict::Skip, OnConflict::Update] {
        import(&store, on_conflict, rows.clone()).await;
        let before = store.books.read_after(BookId::new(0), 1000).await.must();
        let outcomes = import(&store, on_conflict, rows.clone()).await;
        ensure!(outcomes.iter().all(|outcome| matches!(outcome, Imported::Skipped(_))));
        ensure_eq!(store.books.read_after(BookId::new(0), 1000).await.must(), before);
    }
}

pub(super) async fn a_dry_run_tells_and_writes_nothing(store: Store) {
    let known = store.books.add(with_isbn(1, "A"), moment(0)).await.must();
    let same = store.books.add(with_isbn(2, "Same"), moment(0)).await.must();
    let rows = vec![with_isbn(1, "B"), book("New", "x"), book("NEW", "X"), with_isbn(2, "Same")];
    let dry = ImportBatch { dry_run: true, ..batch(OnConflict::Update, rows.clone()) };
    let told = store.books.import(dry).await.must();
    ensure_eq!(store.books.read_after(BookId::new(0), 10).await.must(), [known, same]);
    let done = import(&store, OnConflict::Update, rows).await;
    let kinds = |outcomes: Vec<Imported>| -> Vec<_> {
        outcomes.iter().map(std::mem::discriminant).collect()
    };
    ensure_eq!(kinds(told), kinds(done));
}

pub(super) async fn a_row_that_takes_the_isbn_of_another_book_fails_alone(store: Store) {
    let holder = store.books.add(with_isbn(1, "Holder"), moment(0)).await.must();
    let other = add(&store, "Other").await;
    let rows = vec![book("New", "x"), book("Other", "Ann Author"), book("Newer", "x")];
    for dry_run in [true, false] {
        let mut batch = ImportBatch { dry_run, ..batch(OnConflict::Update, rows.clone()) };
        // Matched by its name, it claims the number of another book.
        batch.rows[1].patch.isbn = Change::Set(isbn(1));
        batch.rows[1].patch.year = Change::Set(year(1));
        let outcomes = store.books.import(batch).await.must();
        ensure_eq!(outcomes[1], Imported::IsbnTaken { by: holder.id });
        for outcome in [outcomes[0], outcomes[2]] {
            ensure!(matches!(outcome, Imported::Created(_)));
        }
        ensure_eq!(found(&store, other.id).await, other);
        ensure_eq!(found(&store, holder.id).await, holder);
    }
    ensure_eq!(store.books.read_after(BookId::new(0), 10).await.must().len(), 4);
}

pub(super) async fn an_empty_batch_is_no_trouble(store: Store) {
    ensure_eq!(import(&store, OnConflict::Skip, vec![]).await, []);
}

pub(super) async fn simultaneous_imports_of_one_file_make_each_book_once(store: Store) {
    let rows: Vec<_> = (0..20)
        .map(|number| match number % 2 {
            0 => book(&format!("Title {number}"), "x"),
            _ => with_isbn(number, &format!("Title {number}")),
        })
        .collect();
    let answers = store
        .at_once(20, |_| {
            let (books, batch) = (store.books.clone(), batch(OnConflict::Skip, rows.clone()));
            async move { books.import(batch).await.must() }
        })
        .await;
    let outcomes = answers.iter().flatten();
    let created = outcomes.filter(|outcome| matches!(outcome, Imported::Created(_))).count();
    ensure_eq!(created, 20);
    ensure_eq!(titles(&store, Default::default()).await.len(), 20);
    let first = store.books.read_after(BookId::new(0), 1).await.must().remove(0);
    store.books.delete(first.id, Expected::Any, WhenShelved::Refuse).await.must();
}
