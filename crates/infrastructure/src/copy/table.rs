/// A table, with the columns that both databases store. Generated ones are left out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(super) name: &'static str,
    /// The primary key, an integer or bytes. So both databases sort rows by it alike.
    pub(super) key: &'static str,
    pub(super) columns: &'static str,
}

/// Every table but the count of books, after those that its foreign keys refer to. A test compares it
/// with the schema.
pub(super) const TABLES: [Table; 8] = [
    Table {
        name: "books",
        key: "id",
        columns: "id, title, title_folded, author, author_folded, isbn, genre, genre_folded, year, \
            description, rating_sum, rating_count, rating_hundredths, version, created_at, \
            updated_at, cover, title_sort, author_sort",
    },
    Table {
        name: "users",
        key: "id",
        columns: "id, email, email_folded, username, username_folded, name, name_folded, role, \
            password_hash, access_epoch, version, created_at, updated_at",
    },
    Table {
        name: "sessions",
        key: "id",
        columns: "id, user_id, user_agent, address, created_at, last_used_at, idle_until, \
            expires_at, ended_at",
    },
    Table {
        name: "refresh_tokens",
        key: "digest",
        columns: "digest, session_id, generation, created_at, spent_at, salt",
    },
    Table {
        name: "api_keys",
        key: "id",
        columns: "id, user_id, name, prefix, digest, permissions, created_at, last_used_at, \
            expires_at",
    },
    Table {
        name: "invites",
        key: "id",
        columns: "id, digest, email, role, created_by, created_at, expires_at, used_at, used_by",
    },
    Table {
        name: "idempotency_keys",
        key: "lookup",
        columns: "lookup, fingerprint, resource, created_at",
    },
    Table {
        name: "shelf_entries",
        key: "id",
        columns: "id, user_id, book_id, status, rating, notes, started_on, finished_on, version, \
            added_at, updated_at",
    },
];

/// Counts the books again. Triggers, which keep this count, may be turned off while rows are copied.
pub(super) const COUNT_BOOKS: &str =
    "DELETE FROM book_counts; INSERT INTO book_counts (books) SELECT count(*) FROM books";

impl Table {
    /// A query of every row in the order of the key.
    pub(super) fn select(&self) -> String {
        let Self { name, key, columns } = self;
        format!("SELECT {columns} FROM {name} ORDER BY {key}")
    }

    /// Whether the database gives out ids for new rows.
    pub(super) fn has_ids(&self) -> bool {
        self.key == "id"
    }
}

#[cfg(test)]
mod tests {
    use super::TABLES;
    use crate::sqlite::{Sqlite, SqliteConfig};
    use diesel::sql_types::Text;
    use diesel::{Connection, RunQueryDsl, SqliteConnection};

    #[test]
    fn the_list_has_every_table_and_column() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("bookshelf.db");
        Sqlite::open(SqliteConfig::new(&path)).unwrap().migrate().unwrap();
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let tables = "
            SELECT t.name || ' ' || (SELECT name FROM pragma_table_info(t.name) WHERE pk = 1)
                || ': ' || group_concat(c.name, ', ' ORDER BY c.cid)
            FROM pragma_table_list t, pragma_table_xinfo(t.name) c
            WHERE t.schema = 'main' AND t.type = 'table' AND c.hidden = 0
                AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '__diesel_*'
                AND t.name <> 'book_counts'
            GROUP BY t.name ORDER BY t.name";
        let tables: Vec<String> = diesel::dsl::sql::<Text>(tables).load(&mut connection).unwrap();
        let mut listed = TABLES.map(|it| format!("{} {}: {}", it.name, it.key, it.columns));
        listed.sort();
        assert_eq!(listed.to_vec(), tables);
    }
}
