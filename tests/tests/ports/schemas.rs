//! Both databases have the same tables, read from what each says of itself.
//!
//! A line tells one fact, so that a difference shows itself.

use std::collections::BTreeSet;

use bookshelf_infrastructure::sqlite::{Sqlite, SqliteConfig};
use bookshelf_tests::TestDatabase;
use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use tokio_postgres::NoTls;

/// Columns with type and nullability, primary keys, uniqueness, foreign keys. Tables that only SQLite
/// has are those of its text index.
const OF_SQLITE: &str = r#"
    WITH tables AS (
        SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table'
            AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__diesel_*'
    )
    SELECT t.name || '.' || c.name || ' ' || lower(c.type) || iif(c."notnull", ' not null', '')
        FROM tables t, pragma_table_xinfo(t.name) c
    UNION ALL
    SELECT t.name || ' primary key ' || group_concat(c.name, ',' ORDER BY c.pk)
        FROM tables t, pragma_table_xinfo(t.name) c WHERE c.pk > 0 GROUP BY t.name
    UNION ALL
    SELECT t.name || ' unique '
            || (SELECT group_concat(name, ',' ORDER BY seqno) FROM pragma_index_info(i.name))
            || iif(i.partial, ' in part', '')
        FROM tables t, pragma_index_list(t.name) i WHERE i."unique" AND i.origin <> 'pk'
    UNION ALL
    SELECT t.name || '.' || f."from" || ' references ' || f."table" || '.' || f."to"
            || ' on delete ' || lower(f.on_delete)
        FROM tables t, pragma_foreign_key_list(t.name) f
"#;

/// The same in PostgreSQL, with the names that SQLite has for its types.
const OF_POSTGRES: &str = r"
    WITH tables AS (
        SELECT oid, relname::text AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname NOT LIKE '\_\_diesel\_%'
    )
    SELECT t.name || '.' || a.attname || ' '
            || CASE a.atttypid::regtype::text
                WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'blob'
                ELSE a.atttypid::regtype::text END
            || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        FROM tables t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT t.name || CASE WHEN i.indisprimary THEN ' primary key ' ELSE ' unique ' END
            || (SELECT string_agg(a.attname, ',' ORDER BY k.place)
                FROM unnest(i.indkey::int[]) WITH ORDINALITY AS k (attnum, place)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum)
            || CASE WHEN i.indpred IS NULL THEN '' ELSE ' in part' END
        FROM tables t JOIN pg_index i ON i.indrelid = t.oid WHERE i.indisunique
    UNION ALL
    SELECT t.name || '.' || a.attname || ' references ' || c.confrelid::regclass || '.' || b.attname
            || ' on delete ' || CASE c.confdeltype
                WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default'
                WHEN 'r' THEN 'restrict' ELSE 'no action' END
        FROM tables t
        JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f'
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (here, there)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.here
        JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.there
";

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_schema() {
    let Some(database) = TestDatabase::create() else { return };
    let (sqlite, postgres) = (of_sqlite(), of_postgres(database.url()).await);
    for known in [
        "books primary key id",
        "books unique isbn",
        "books.year integer",
        "refresh_tokens unique session_id,generation",
        "sessions.user_id integer not null",
        "sessions.user_id references users.id on delete cascade",
    ] {
        assert!(sqlite.contains(known), "{known} is not among {sqlite:#?}");
    }
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    let differences = (only(&sqlite, &postgres), only(&postgres, &sqlite));
    assert_eq!(differences, (vec![], vec![]), "only in SQLite, only in PostgreSQL");
}

fn of_sqlite() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bookshelf.db");
    let sqlite = Sqlite::open(SqliteConfig::new(&file)).unwrap();
    sqlite.migrate().unwrap();
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let lines: Vec<String> = diesel::dsl::sql::<Text>(OF_SQLITE).load(&mut connection).unwrap();
    lines.into_iter().collect()
}

async fn of_postgres(url: &str) -> BTreeSet<String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let rows = client.query(OF_POSTGRES, &[]).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}
