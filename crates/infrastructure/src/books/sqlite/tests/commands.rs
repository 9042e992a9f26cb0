use bookshelf_domain::books::{
    BookError, BookFilter, BookPatch, BookRepository, BookSort, BookUpdate, ImportBatch, ImportRow,
    Imported, Isbn, OnConflict, Title, WhenShelved,
};
use bookshelf_domain::{Change, Expected, Folded, Order, Start};

use super::Catalogue;
use crate::books::SqliteBookRepository;
use crate::books::tests::{add, fields, moment, page};
use crate::sqlite::{Sqlite, SqliteConfig};

fn isbn() -> Isbn {
    Isbn::parse("9780132350884").unwrap()
}

fn retitle(id: i64, title: &str) -> BookUpdate {
    let patch = BookPatch { title: Some(Title::parse(title).unwrap()), ..BookPatch::default() };
    BookUpdate { id, expected: Expected::Any, patch, at: moment(5) }
}

async fn found(books: &SqliteBookRepository, part: &str) -> Vec<i64> {
    let filter = BookFilter { search: Some(Folded::new(part)), ..BookFilter::default() };
    let query = page(filter, BookSort::CreatedAt, Order::Ascending, Start::Offset(0));
    let listing = books.list(query).await.unwrap();
    assert_eq!(listing.total.unwrap().items, listing.items.len() as u64);
    listing.items.iter().map(|book| book.id).collect()
}

#[tokio::test]
async fn the_index_follows_every_change_of_the_text() {
    let Catalogue { books, folder: _folder, .. } = Catalogue::new();
    let one = add(&books, fields("The Trial", "Franz Kafka"), moment(0)).await.id;
    let two = add(&books, fields("The Castle", "Franz Kafka"), moment(0)).await.id;
    assert_eq!(found(&books, "kafka").await, [one, two]);
    books.update(retitle(one, "Der Prozeß")).await.unwrap();
    assert_eq!(found(&books, "PROZESS").await, [one]);
    assert_eq!(found(&books, "ss").await, [one]);
    assert_eq!(found(&books, "tri").await, [0; 0]);
    assert_eq!(found(&books, "ri").await, [0; 0]);
    books.delete(two, Expected::Any, WhenShelved::Refuse).await.unwrap();
    assert_eq!(found(&books, "kafka").await, [one]);
    assert_eq!(found(&books, "ca").await, [0; 0]);
}

#[tokio::test]
async fn a_refused_write_leaves_the_index_as_it_was() {
    let Catalogue { books, folder: _folder, .. } = Catalogue::new();
    let mut first = fields("First", "Author");
    first.isbn = Some(isbn());
    let first = add(&books, first, moment(0)).await.id;
    let second = add(&books, fields("Second", "Author"), moment(0)).await.id;
    let mut update = retitle(second, "Third");
    update.patch.isbn = Change::Set(isbn());
    let refused = books.update(update).await;
    assert!(matches!(refused, Err(BookError::IsbnTaken { by }) if by == first), "{refused:?}");
    assert_eq!(found(&books, "third").await, [0; 0]);
    assert_eq!(found(&books, "second").await, [second]);
}

#[tokio::test]
async fn a_dry_run_tells_what_a_real_run_then_does() {
    let Catalogue { books, folder: _folder, .. } = Catalogue::new();
    let there = add(&books, fields("There", "Author"), moment(0)).await;
    let row = |title: &str| {
        let fields = fields(title, "Author");
        ImportRow { patch: fields.clone().into(), fields }
    };
    let batch = |dry_run| ImportBatch {
        rows: vec![row("THERE"), row("New"), row("new")],
        on_conflict: OnConflict::Update,
        dry_run,
        at: moment(1),
    };
    let told = books.import(batch(true)).await.unwrap();
    assert_eq!(books.find(there.id).await.unwrap(), Some(there.clone()));
    assert_eq!(books.read_after(0, 10).await.unwrap().len(), 1);
    assert_eq!(found(&books, "new").await, [0; 0]);
    let done = books.import(batch(false)).await.unwrap();
    assert_eq!(told, done);
    assert!(matches!(
        done[..],
        [Imported::Updated(_), Imported::Created(one), Imported::Updated(other)] if one == other
    ));
    assert_eq!(found(&books, "new").await.len(), 1);
}

#[tokio::test]
async fn a_book_survives_the_program() {
    let Catalogue { books, sqlite, folder } = Catalogue::new();
    let mut whole = fields("Émile", "Rousseau");
    whole.isbn = Some(isbn());
    let written = add(&books, whole, moment(3)).await;
    add(&books, fields("Gone", "Author"), moment(4)).await;
    books.delete(written.id + 1, Expected::Any, WhenShelved::Refuse).await.unwrap();
    drop((books, sqlite));
    let sqlite = Sqlite::open(SqliteConfig::new(folder.path().join("books.db"))).unwrap();
    let books = SqliteBookRepository::new(sqlite);
    assert_eq!(books.find(written.id).await.unwrap().as_ref(), Some(&written));
    assert_eq!(books.find_by_isbn(isbn()).await.unwrap(), Some(written.clone()));
    let next = add(&books, fields("Next", "Author"), moment(5)).await;
    assert_eq!(next.id, written.id + 2, "the id of a deleted book is not given again");
}
