//! raw_writer DATABASE SECONDS GROUP FIRST: inserts books into a database of Bookshelf, directly
//! through SQLite on one thread, GROUP rows per transaction, each of which is durable. It is the
//! ceiling for the creation of books with this schema and its indexes. It prints the number of rows
//! and the seconds. FIRST is the number of the first ISBN that is not yet in the database.
//!
//! The values of the new rows come from the rows that are there: the title of one, the author of
//! another. So no derived column is computed.

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::time::{Duration, Instant};

type Text = (Value, Value, Value);

fn isbn(number: u64) -> String {
    let digits = format!("979{number:09}");
    let weighted = digits
        .bytes()
        .enumerate()
        .map(|(i, digit)| u32::from(digit - b'0') * if i % 2 == 0 { 1 } else { 3 });
    let check = (10 - weighted.sum::<u32>() % 10) % 10;
    format!("{digits}{check}")
}

fn texts(connection: &Connection, name: &str) -> rusqlite::Result<Vec<Text>> {
    connection
        .prepare(&format!("SELECT {name}, {name}_folded, {name}_sort FROM books LIMIT 10000"))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, seconds, group, first] = &arguments[..] else {
        return Err("usage: raw_writer DATABASE SECONDS GROUP FIRST".into());
    };
    let (seconds, group, first): (f64, u64, u64) =
        (seconds.parse()?, group.parse()?, first.parse()?);

    let mut connection = Connection::open(path)?;
    // As the writer of Bookshelf.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 16384;
         PRAGMA journal_size_limit = 134217728;",
    )?;
    let (titles, authors) = (texts(&connection, "title")?, texts(&connection, "author")?);
    if titles.is_empty() {
        return Err("the database has no books".into());
    }
    let newest: i64 =
        connection.query_row("SELECT max(created_at) FROM books", [], |row| row.get(0))?;

    let start = Instant::now();
    let mut rows = 0;
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        let transaction = connection.transaction()?;
        let mut insert = transaction.prepare_cached(
            "INSERT INTO books (title, title_folded, title_sort, author, author_folded, author_sort,
                                isbn, genre, genre_folded, year, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, 'Software', 'software', ?, ?, ?)",
        )?;
        for _ in 0..group {
            let title = &titles[rows as usize * 7919 % titles.len()];
            let author = &authors[rows as usize * 104_729 % authors.len()];
            let now = newest + 1 + rows as i64;
            insert.execute(params![
                title.0,
                title.1,
                title.2,
                author.0,
                author.1,
                author.2,
                isbn(first + rows),
                1900 + (rows % 126) as i64,
                now,
                now,
            ])?;
            rows += 1;
        }
        drop(insert);
        transaction.commit()?;
    }
    println!("{rows} {}", start.elapsed().as_secs_f64());
    Ok(())
}
