//! A job of one statement costs one round trip, because it has no transaction around it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};

use bookshelf_domain::accounts::{
    Email, NewUser, PasswordHash, Role, UserFilter, UserId, UserQuery, UserRepository, UserSort,
};
use bookshelf_domain::api_keys::{
    ApiKeyName, ApiKeyRepository, NewApiKey, Permission, Permissions,
};
use bookshelf_domain::books::{
    BookFilter, BookId, BookQuery, BookReader, BookRepository, BookSort, NewBook, SearchWords,
};
use bookshelf_domain::shelves::{
    ShelfEntryId, ShelfFilter, ShelfQuery, ShelfRepository, ShelfSort,
};
use bookshelf_domain::{IdempotencyKey, Order, Position, SortKey, Start, StoreError};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use super::TestDatabase;
use crate::books::tests::{fields, moment};
use crate::postgres::adapters::accounts::users::UserAdapter;
use crate::postgres::adapters::api_keys::ApiKeyAdapter;
use crate::postgres::adapters::books::BookAdapter;
use crate::postgres::adapters::shelves::ShelfAdapter;
use crate::postgres::{Postgres, PostgresConfig};

/// The statements of every connection, by the thread of its engine.
static STATEMENTS: LazyLock<Mutex<HashMap<ThreadId, Vec<String>>>> = LazyLock::new(Mutex::default);

fn record() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let mut statements = STATEMENTS.lock().unwrap();
            statements.entry(thread::current().id()).or_default().push(query.to_string());
        }
    }))
}

/// An engine whose connections all belong to one thread.
struct Recorded {
    postgres: Postgres,
    thread: ThreadId,
    _database: TestDatabase,
}

impl Recorded {
    async fn create() -> Option<Self> {
        let database = TestDatabase::create()?;
        database.migrated();
        set_default_instrumentation(record).unwrap();
        let config = PostgresConfig { threads: 1, readers: 1, connections: 1, ..database.config() };
        let postgres = Postgres::connect(config).unwrap();
        let thread: Result<_, StoreError> =
            postgres.scan(async |_| Ok(thread::current().id())).await;
        Some(Self { postgres, thread: thread.unwrap(), _database: database })
    }

    /// The number of statements of the job, without those that set up its connection.
    async fn count<T, E: std::fmt::Debug>(&self, job: impl Future<Output = Result<T, E>>) -> usize {
        let warm: Result<(), StoreError> = self.postgres.query(async |_| Ok(())).await;
        warm.unwrap();
        STATEMENTS.lock().unwrap().remove(&self.thread);
        job.await.unwrap();
        let statements = STATEMENTS.lock().unwrap().remove(&self.thread).unwrap();
        statements.len()
    }
}

fn new_book(idempotency_key: Option<IdempotencyKey>) -> NewBook {
    NewBook { fields: fields("A", "B"), at: moment(0), idempotency_key }
}

#[tokio::test]
async fn a_creation_takes_few_statements() {
    let Some(recorded) = Recorded::create().await else { return };
    let postgres = &recorded.postgres;
    let books = BookAdapter(postgres.clone());
    assert_eq!(recorded.count(books.insert(new_book(None))).await, 1);
    let key = IdempotencyKey { lookup: [1; 32], secret: [2; 32], fingerprint: [3; 32] };
    // BEGIN, the claim, the book, the stored resource, COMMIT.
    assert_eq!(recorded.count(books.insert(new_book(Some(key)))).await, 5);
    let users = UserAdapter(postgres.clone());
    let user = NewUser {
        email: Email::parse("ann@example.com").unwrap(),
        username: None,
        name: None,
        role: Role::User,
        password_hash: PasswordHash::new("a hash"),
        at: moment(0),
        idempotency_key: None,
    };
    assert_eq!(recorded.count(users.insert(user)).await, 1);
    let key = NewApiKey {
        user_id: UserId::new(1),
        name: ApiKeyName::parse("a key").unwrap(),
        prefix: "bks_1".into(),
        secret: "bks_1".into(),
        digest: [1; 32],
        permissions: Permissions::parse(&[Permission::Read.as_str()]).unwrap(),
        at: moment(0),
        expires_at: None,
        idempotency_key: None,
    };
    let api_keys = ApiKeyAdapter(postgres.clone());
    // BEGIN, the lock of the user, the number of keys, the key, COMMIT.
    assert_eq!(recorded.count(api_keys.insert(key)).await, 5);
}

#[tokio::test]
async fn a_read_of_one_statement_has_no_transaction() {
    let Some(recorded) = Recorded::create().await else { return };
    let postgres = &recorded.postgres;
    let shelves = ShelfAdapter(postgres.clone());
    let (user, entry) = (UserId::new(1), ShelfEntryId::new(1));
    // The first point read opens the connection.
    recorded.count(shelves.find(user, entry)).await;
    assert_eq!(recorded.count(shelves.find(user, entry)).await, 1);
    assert_eq!(recorded.count(shelves.read_after(user, entry, 10)).await, 1);
    let books = BookAdapter(postgres.clone());
    assert_eq!(recorded.count(books.read_after(BookId::new(0), 10)).await, 1);
    assert_eq!(recorded.count(books.used_covers(Vec::new())).await, 1);
    for count in [false, true] {
        let (order, limit) = (Order::Descending, 20);
        // BEGIN, the page, the total, COMMIT.
        let statements = if count { 4 } else { 1 };
        let filter = ShelfFilter::default();
        let sort = ShelfSort::AddedAt;
        let query = ShelfQuery { user, filter, sort, order, start: Start::Offset(0), limit, count };
        assert_eq!(recorded.count(shelves.list(query)).await, statements);
        let users = UserAdapter(postgres.clone());
        let filter = UserFilter::default();
        let sort = UserSort::CreatedAt;
        let query = UserQuery { filter, sort, order, start: Start::Offset(0), limit, count };
        assert_eq!(recorded.count(users.list(query)).await, statements);
        let filter = BookFilter::default();
        let sort = BookSort::Year;
        let query = BookQuery { filter, sort, order, start: Start::Offset(0), limit, count };
        // The total stands beside each row of the page.
        assert_eq!(recorded.count(books.list(query.clone())).await, 1);
        let found = BookFilter { search: SearchWords::new("dune"), ..BookFilter::default() };
        let found = BookQuery { filter: found, ..query.clone() };
        assert_eq!(recorded.count(books.list(found)).await, 1);
        if !count {
            // The books without a year need a second statement, and a transaction, so that both see
            // one state.
            let position = Position { key: SortKey::Number(2000), id: BookId::new(1) };
            let after = BookQuery { start: Start::After(position), ..query.clone() };
            assert_eq!(recorded.count(books.list(after)).await, 4);
            // BEGIN, the total, COMMIT.
            let behind = BookQuery { start: Start::Offset(10_000), ..query };
            assert_eq!(recorded.count(books.list(behind)).await, 3);
        }
    }
}
