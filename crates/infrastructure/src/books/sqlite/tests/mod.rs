mod agreement;
mod commands;
mod plans;

use bookshelf_domain::Timestamp;
use bookshelf_domain::books::{
    Author, Book, BookFields, BookFilter, BookQuery, BookRepository, BookSort, NewBook, Title,
};
use bookshelf_domain::{Order, Start};
use tempfile::TempDir;

use super::SqliteBookRepository;
use crate::sqlite::{Sqlite, SqliteConfig};

const SORTS: [BookSort; 5] =
    [BookSort::Title, BookSort::Author, BookSort::Year, BookSort::CreatedAt, BookSort::Rating];
const ORDERS: [Order; 2] = [Order::Ascending, Order::Descending];

struct Catalogue {
    sqlite: Sqlite,
    books: SqliteBookRepository,
    /// Goes with the catalogue.
    folder: TempDir,
}

impl Catalogue {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let sqlite = Sqlite::open(SqliteConfig::new(folder.path().join("books.db"))).unwrap();
        sqlite.migrate().unwrap();
        Self { books: SqliteBookRepository::new(sqlite.clone()), sqlite, folder }
    }
}

/// Adds a book the plain way.
async fn add(books: &SqliteBookRepository, fields: BookFields, at: Timestamp) -> Book {
    books.insert(NewBook { fields, at, once: None }).await.unwrap().now().unwrap()
}

fn fields(title: &str, author: &str) -> BookFields {
    BookFields {
        title: Title::parse(title).unwrap(),
        author: Author::parse(author).unwrap(),
        isbn: None,
        genre: None,
        year: None,
        description: None,
    }
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_timestamp_micros(1_790_000_000_000_000 + micros).unwrap()
}

fn page(filter: BookFilter, sort: BookSort, order: Order, start: Start) -> BookQuery {
    BookQuery { filter, sort, order, start, limit: 7, count: true }
}
