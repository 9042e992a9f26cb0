//! Jobs that meet rows which another transaction holds or changes. The tests run the other
//! transaction statement by statement.

use std::time::{Duration, Instant};

use bookshelf_domain::accounts::{UserError, UserId, UserRepository};
use bookshelf_domain::books::{
    Author, BookFields, BookId, BookReader, BookRepository, Description, ImportBatch, ImportRow,
    Imported, OnConflict, Title,
};
use bookshelf_domain::shelves::{
    ImportedEntry, Rating, ReadingStatus, ShelfBatch, ShelfEntry, ShelfEntryId, ShelfError,
    ShelfFields, ShelfImportRow, ShelfPatch, ShelfRepository, ShelfUpdate, WhenUnknown,
};
use bookshelf_domain::{Change, Expected, Timestamp};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::TestDatabase;
use crate::postgres::adapters::accounts::users::UserAdapter;
use crate::postgres::adapters::books::BookAdapter;
use crate::postgres::adapters::shelves::ShelfAdapter;

/// Users 1 and 2, and books 1 to 3, called a to c. User 1 has given 4 stars to books 1 and 2, and
/// user 2 to book 2.
const SAMPLE: &str = "
    INSERT INTO users (email, email_folded, role, password_hash, created_at, updated_at)
    SELECT i || '@a.b', i || '@a.b', 'user', '', 0, 0 FROM generate_series(1, 2) AS i;
    INSERT INTO books (title, title_folded, author, author_folded, genre_folded, created_at,
                       updated_at)
    SELECT title, title, 'x', 'x', '', 0, 0 FROM unnest(ARRAY['a', 'b', 'c']) AS title;
    INSERT INTO shelf_entries (user_id, book_id, status, rating, added_at, updated_at)
    VALUES (1, 1, 'read', 4, 0, 0), (1, 2, 'read', 4, 0, 0), (2, 2, 'read', 4, 0, 0)";

struct Library {
    books: BookAdapter,
    shelves: ShelfAdapter,
    users: UserAdapter,
    /// The other transaction, which has begun.
    other: Client,
    observer: Client,
    _database: TestDatabase,
}

impl Library {
    async fn create() -> Option<Self> {
        let database = TestDatabase::create()?;
        let postgres = database.migrated();
        let (other, observer) = (database.client().await, database.client().await);
        other.batch_execute(SAMPLE).await.unwrap();
        other.batch_execute("BEGIN").await.unwrap();
        Some(Self {
            books: BookAdapter(postgres.clone()),
            shelves: ShelfAdapter(postgres.clone()),
            users: UserAdapter(postgres),
            other,
            observer,
            _database: database,
        })
    }

    async fn other(&self, statements: &str) {
        self.other.batch_execute(statements).await.unwrap();
    }

    /// Begins the job and waits until it waits for a lock.
    async fn blocked<T: Send + 'static>(
        &self,
        job: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let job = tokio::spawn(job);
        let waiting = "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let patience = Instant::now() + Duration::from_secs(10);
        while self.observer.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            assert!(
                Instant::now() < patience && !job.is_finished(),
                "the job does not wait for a lock"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        job
    }

    fn rate(
        &self,
        id: i64,
        stars: i64,
    ) -> impl Future<Output = Result<ShelfEntry, ShelfError>> + use<> {
        let shelves = self.shelves.clone();
        let patch = ShelfPatch {
            rating: Change::Set(Rating::new(stars).unwrap()),
            ..ShelfPatch::default()
        };
        let update = ShelfUpdate {
            user_id: UserId::new(1),
            id: ShelfEntryId::new(id),
            expected: Expected::Any,
            patch,
            at: moment(),
        };
        async move { shelves.update(update).await }
    }

    fn import_shelf(
        &self,
        titles: &[&str],
    ) -> impl Future<Output = Result<Vec<ImportedEntry>, ShelfError>> + use<> {
        let shelves = self.shelves.clone();
        let fields = ShelfFields { status: ReadingStatus::Read, ..ShelfFields::default() };
        let row = |title: &&str| ShelfImportRow {
            book: book(title),
            fields: fields.clone(),
            added_at: None,
        };
        let batch = ShelfBatch {
            rows: titles.iter().map(row).collect(),
            on_conflict: OnConflict::Update,
            when_unknown: WhenUnknown::Add,
            most: ShelfEntry::MAX,
            dry_run: false,
            at: moment(),
        };
        async move { shelves.import(UserId::new(1), batch).await }
    }

    fn delete_user(&self, id: i64) -> impl Future<Output = Result<(), UserError>> + use<> {
        let users = self.users.clone();
        async move { users.delete(UserId::new(id), Expected::Any).await }
    }

    async fn ratings(&self, book: i64) -> (i64, i64) {
        let rating = self.books.find(BookId::new(book)).await.unwrap().unwrap().rating;
        (rating.sum, rating.count)
    }
}

fn moment() -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000).unwrap()
}

fn book(title: &str) -> BookFields {
    BookFields {
        title: Title::parse(title).unwrap(),
        author: Author::parse("x").unwrap(),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

#[tokio::test]
async fn an_import_merges_into_an_entry_that_is_added_meanwhile() {
    let Some(library) = Library::create().await else { return };
    library
        .other(
            "INSERT INTO shelf_entries (user_id, book_id, status, added_at, updated_at)
             VALUES (1, 3, 'reading', 0, 0)",
        )
        .await;
    let import = library.blocked(library.import_shelf(&["c", "a"])).await;
    library.other("COMMIT").await;
    let outcomes = import.await.unwrap().unwrap();
    assert!(
        matches!(outcomes[..], [ImportedEntry::Updated(a, _), ImportedEntry::Skipped(b, _)] if a.get() == 4 && b.get() == 1),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn an_import_adds_an_entry_that_is_deleted_meanwhile() {
    let Some(library) = Library::create().await else { return };
    library.other("DELETE FROM shelf_entries WHERE id = 1").await;
    let import = library.blocked(library.import_shelf(&["a"])).await;
    library.other("COMMIT").await;
    let outcomes = import.await.unwrap().unwrap();
    assert!(matches!(outcomes[..], [ImportedEntry::Created(id)] if id.get() > 3), "{outcomes:?}");
}

#[tokio::test]
async fn an_import_of_a_shelf_adds_a_book_that_is_deleted_meanwhile() {
    let Some(library) = Library::create().await else { return };
    library.other("DELETE FROM books WHERE id = 3").await;
    let import = library.blocked(library.import_shelf(&["c"])).await;
    library.other("COMMIT").await;
    let outcomes = import.await.unwrap().unwrap();
    assert!(matches!(outcomes[..], [ImportedEntry::Created(_)]), "{outcomes:?}");
}

#[tokio::test]
async fn an_import_adds_a_book_that_is_deleted_meanwhile() {
    let Some(library) = Library::create().await else { return };
    library.other("DELETE FROM books WHERE id = 3").await;
    let books = library.books.clone();
    let fields = BookFields { description: Some(Description::parse("new").unwrap()), ..book("c") };
    let batch = ImportBatch {
        rows: vec![ImportRow { patch: fields.clone().into(), fields }],
        on_conflict: OnConflict::Update,
        dry_run: false,
        at: moment(),
    };
    let import = library.blocked(async move { books.import(batch).await }).await;
    library.other("COMMIT").await;
    let outcomes = import.await.unwrap().unwrap();
    assert!(matches!(outcomes[..], [Imported::Created(id)] if id.get() == 4), "{outcomes:?}");
}

/// The other transaction deletes a book: it locks the book, and then deletes its entries.
#[tokio::test]
async fn a_rating_locks_its_book_before_its_entry() {
    let Some(library) = Library::create().await else { return };
    library.other("SELECT 1 FROM books WHERE id = 1 FOR UPDATE").await;
    let rating = library.blocked(library.rate(1, 2)).await;
    library.other("DELETE FROM shelf_entries WHERE book_id = 1").await;
    library.other("DELETE FROM books WHERE id = 1; COMMIT").await;
    let refused = rating.await.unwrap();
    assert!(matches!(refused, Err(ShelfError::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn the_deletion_of_an_entry_locks_its_book_before_it() {
    let Some(library) = Library::create().await else { return };
    library.other("SELECT 1 FROM books WHERE id = 1 FOR UPDATE").await;
    let shelves = library.shelves.clone();
    let deletion =
        async move { shelves.delete(UserId::new(1), ShelfEntryId::new(1), Expected::Any).await };
    let deletion = library.blocked(deletion).await;
    library.other("DELETE FROM shelf_entries WHERE book_id = 1").await;
    library.other("DELETE FROM books WHERE id = 1; COMMIT").await;
    let refused = deletion.await.unwrap();
    assert!(matches!(refused, Err(ShelfError::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn an_import_of_a_shelf_locks_a_book_before_its_entry() {
    let Some(library) = Library::create().await else { return };
    library.other("SELECT 1 FROM books WHERE id = 1 FOR NO KEY UPDATE").await;
    let shelves = library.shelves.clone();
    let fields = ShelfFields { rating: Rating::new(1).ok(), ..ShelfFields::default() };
    let batch = ShelfBatch {
        rows: vec![ShelfImportRow { book: book("a"), fields, added_at: None }],
        on_conflict: OnConflict::Update,
        when_unknown: WhenUnknown::Add,
        most: ShelfEntry::MAX,
        dry_run: false,
        at: moment(),
    };
    let import = library.blocked(async move { shelves.import(UserId::new(1), batch).await }).await;
    library.other("UPDATE shelf_entries SET rating = 5 WHERE id = 1; COMMIT").await;
    let outcomes = import.await.unwrap().unwrap();
    assert!(
        matches!(outcomes[..], [ImportedEntry::Updated(id, _) | ImportedEntry::Skipped(id, _)] if id.get() == 1),
        "{outcomes:?}"
    );
}

/// The other transaction is an import: it changes the ratings of books in any order.
#[tokio::test]
async fn the_deletion_of_a_user_waits_for_an_import_before_it_locks_a_book() {
    let Some(library) = Library::create().await else { return };
    library.other("SELECT pg_advisory_xact_lock(x'626f6f6b696d706f'::bigint)").await;
    library.other("UPDATE shelf_entries SET rating = 1 WHERE id = 3").await;
    let deletion = library.blocked(library.delete_user(1)).await;
    library
        .other(
            "INSERT INTO shelf_entries (user_id, book_id, status, rating, added_at, updated_at)
             VALUES (2, 1, 'read', 1, 0, 0);
             COMMIT",
        )
        .await;
    deletion.await.unwrap().unwrap();
    assert_eq!((library.ratings(1).await, library.ratings(2).await), ((1, 1), (1, 1)));
}

/// The other transaction deletes book 2: it holds the book, and then wants its entries.
#[tokio::test]
async fn the_deletion_of_a_user_locks_books_before_entries() {
    let Some(library) = Library::create().await else { return };
    library.other("SELECT 1 FROM books WHERE id = 2 FOR UPDATE").await;
    let deletion = library.blocked(library.delete_user(1)).await;
    library.other("DELETE FROM shelf_entries WHERE book_id = 2").await;
    library.other("DELETE FROM books WHERE id = 2; COMMIT").await;
    deletion.await.unwrap().unwrap();
    assert_eq!(library.ratings(1).await, (0, 0));
}
