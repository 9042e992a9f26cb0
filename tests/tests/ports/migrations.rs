//! A database of an earlier version keeps its rows when it is migrated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bookshelf_contract::sample::{book, every_book, moment};
use bookshelf_domain::books::{
    BookError, BookFilter, BookId, BookQuery, BookSort, NewBook, SearchWords,
};
use bookshelf_domain::{IdempotencyKey, Order, Repositories};
use bookshelf_infrastructure::postgres::{Postgres, PostgresConfig};
use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use bookshelf_tests::TestDatabase;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use tokio_postgres::{Client, NoTls};

/// Renames the table `answers` to `idempotency_keys`.
const MIGRATION: &str = "2026-11-25-000000_idempotency_keys";

/// Adds the keys that books are sorted by.
const SORT_KEYS: &str = "2026-11-26-000000_search_and_sort";

/// The byte of which the lookup of a stored key consists.
const LOOKUP: u8 = 1;
/// The byte of which its fingerprint consists.
const FINGERPRINT: u8 = 2;

/// The rows of every table, as text.
type Tables = BTreeMap<String, Vec<String>>;

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_kept_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bookshelf.db");
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let blob = |hex| format!("x'{hex}'");
    connection.batch_execute(&earlier_database("sqlite", blob)).unwrap();
    let before = rows_in_sqlite(&mut connection);
    let sqlite = Sqlite::open(SqliteConfig::new(&file)).unwrap();
    let applied = sqlite.migrate().unwrap();
    assert_eq!(applied[..2], [MIGRATION, SORT_KEYS]);
    assert_kept(before, &rows_in_sqlite(&mut connection));
    assert_books_are_found(&sqlite.repositories()).await;
    assert_key_is_used(&sqlite.repositories()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_kept_in_postgres() {
    let Some(database) = TestDatabase::without_tables() else { return };
    let (client, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let blob = |hex| format!("'\\x{hex}'");
    client.batch_execute(&earlier_database("postgres", blob)).await.unwrap();
    let before = rows_in_postgres(&client).await;
    let postgres = Postgres::connect(PostgresConfig::parse(database.url()).unwrap()).unwrap();
    let applied = postgres.migrate().unwrap();
    assert_eq!(applied[..2], [MIGRATION, SORT_KEYS]);
    assert_kept(before, &rows_in_postgres(&client).await);
    assert_books_are_found(&postgres.repositories()).await;
    assert_key_is_used(&postgres.repositories()).await;
}

/// SQL that creates the tables as they were before [`MIGRATION`], with rows in each, and notes the
/// migrations as Diesel does.
fn earlier_database(kind: &str, blob: impl Fn(String) -> String) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).join(kind);
    let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    let mut sql = "CREATE TABLE __diesel_schema_migrations (
            version VARCHAR(50) PRIMARY KEY NOT NULL,
            run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
        );"
    .to_owned();
    for name in names.into_iter().take_while(|name| name != MIGRATION) {
        let version = name.split('_').next().unwrap().replace('-', "");
        sql += &fs::read_to_string(folder.join(name).join("up.sql")).unwrap();
        sql += &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}');");
    }
    let bytes = |byte: u8| blob(format!("{byte:02x}").repeat(32));
    sql + &format!(
        "INSERT INTO books (id, title, title_folded, author, author_folded, isbn, genre,
                genre_folded, year, description, version, created_at, updated_at, cover)
            VALUES (3, 'Émile', 'émile', 'Rousseau', 'rousseau', '9780132350884', NULL,
                'unknown', 1762, 'One\nTwo', 2, 1, 2, '{cover}'),
            (8, 'A', 'a', 'B', 'b', NULL, 'Novel', 'novel', NULL, NULL, 1, 3, 3, NULL),
            (9, 'Zebra', 'zebra', 'B', 'b', NULL, 'Novel', 'novel', NULL, NULL, 1, 3, 3, NULL),
            (11, 'Ender’s', 'ender’s', 'B', 'b', NULL, NULL, 'unknown', NULL, NULL, 1, 3, 3, NULL);
        INSERT INTO users (id, email, email_folded, username, username_folded, name, name_folded,
                role, password_hash, created_at, updated_at)
            VALUES (5, 'Ann@Example.com', 'ann@example.com', 'ann', 'ann', NULL, NULL,
                'admin', 'hash', 1, 2);
        INSERT INTO sessions (id, user_id, created_at, last_used_at, idle_until, expires_at)
            VALUES (6, 5, 1, 2, 3, 4);
        INSERT INTO refresh_tokens (digest, session_id, generation, created_at)
            VALUES ({digest}, 6, 1, 2);
        INSERT INTO api_keys (id, user_id, name, prefix, digest, permissions, created_at)
            VALUES (4, 5, 'a service', 'bks_1', {digest}, 'read,write', 1);
        INSERT INTO answers (key, fingerprint, answer, created_at)
            VALUES ({lookup}, {fingerprint}, {answer}, {at}), ({digest}, {digest}, {answer}, 1);
        INSERT INTO shelf_entries (id, user_id, book_id, status, rating, added_at, updated_at)
            VALUES (2, 5, 3, 'read', 4, 1, 2);",
        cover = "ab".repeat(32) + "-17.jpg",
        lookup = bytes(LOOKUP),
        fingerprint = bytes(FINGERPRINT),
        answer = bytes(7),
        digest = bytes(8),
        at = moment(0).timestamp_micros(),
    )
}

fn assert_kept(before: Tables, after: &Tables) {
    assert!(before.values().all(|rows| !rows.is_empty()), "a table has no rows: {before:?}");
    let (mut expected, mut kept) = (before, after.clone());
    // A later migration may add tables. They are empty.
    kept.retain(|_, rows| !rows.is_empty());
    // The only row of this table counts the books.
    let counts = kept.remove("book_counts").unwrap();
    let [count] = &counts[..] else { panic!("one row: {counts:?}") };
    let count = count.trim_matches(['(', ')']).split(',').next_back().unwrap();
    assert_eq!(count, expected["books"].len().to_string());
    // The forms of their texts are others.
    assert_eq!(expected.remove("books").unwrap().len(), kept.remove("books").unwrap().len());
    let answers = expected.remove("answers").unwrap();
    let keys = kept.remove("idempotency_keys").unwrap();
    assert_eq!(kept, expected);
    assert_eq!(keys.len(), answers.len());
}

/// The books are what they were. They are searched and sorted as new ones are.
async fn assert_books_are_found(repositories: &Repositories) {
    let list = async |search: &str, order| {
        let filter = BookFilter { search: SearchWords::new(search), ..BookFilter::default() };
        let query = BookQuery { filter, sort: BookSort::Title, order, ..every_book() };
        let books = repositories.book_reader.list(query).await.unwrap().items;
        books.into_iter().map(|book| book.id.get()).collect::<Vec<_>>()
    };
    assert_eq!(list("", Order::Ascending).await, [8, 3, 11, 9]);
    assert_eq!(list("", Order::Descending).await, [9, 11, 3, 8]);
    assert_eq!(list("rousseau EMILE 0132350882", Order::Ascending).await, [3]);
    assert_eq!(list("ender's", Order::Ascending).await, [11]);
    let book = repositories.book_reader.find(BookId::new(3)).await.unwrap().unwrap();
    assert_eq!(book.fields.title.as_str(), "Émile");
    assert_eq!((book.version.get(), book.rating.count), (2, 1));
}

/// A request that the earlier version answered is refused when it is sent again, because the stored
/// response cannot be read as a resource. It creates nothing twice.
async fn assert_key_is_used(repositories: &Repositories) {
    let (lookup, fingerprint) = ([LOOKUP; 32], [FINGERPRINT; 32]);
    let key = IdempotencyKey { lookup, secret: [0; 32], fingerprint };
    let new = NewBook { fields: book("A", "B"), at: moment(1), idempotency_key: Some(key) };
    let refused = repositories.books.insert(new).await;
    assert!(matches!(refused, Err(BookError::KeyReused(_))), "{refused:?}");
    assert_eq!(repositories.idempotency.purge(moment(1), 10).await.unwrap(), 2);
}

fn rows_in_sqlite(connection: &mut SqliteConnection) -> Tables {
    let mut texts =
        |query: &str| -> Vec<String> { diesel::dsl::sql::<Text>(query).load(connection).unwrap() };
    let tables = texts(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
            AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__diesel_*'",
    );
    let mut rows = Tables::new();
    for table in tables {
        let columns = format!("SELECT 'quote(' || name || ')' FROM pragma_table_xinfo('{table}')");
        let row = texts(&columns).join(" || ',' || ");
        let query = format!("SELECT {row} FROM {table} ORDER BY 1");
        rows.insert(table, texts(&query));
    }
    rows
}

async fn rows_in_postgres(client: &Client) -> Tables {
    let texts = async |query: &str| -> Vec<String> {
        let rows = client.query(query, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let tables = texts(
        r"SELECT relname::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
                AND relname NOT LIKE '\_\_diesel\_%'",
    );
    let mut rows = Tables::new();
    for table in tables.await {
        let query = format!("SELECT row::text FROM {table} AS row ORDER BY 1");
        rows.insert(table, texts(&query).await);
    }
    rows
}
