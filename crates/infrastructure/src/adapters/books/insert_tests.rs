//! Books that are added together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bookshelf_domain::StoreError;
use bookshelf_domain::books::{BookFields, Isbn};
use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;

use super::dialect::{Connection, Engine, RunQueryDsl, insert_books};
use super::support::instrument;
use crate::books::row::NewBookRow;
use crate::books::tests::{fields, moment};
use crate::schema::books;

/// A book with the ISBN that has this number, or without one.
fn row(title: &str, isbn: Option<u32>) -> NewBookRow {
    let isbn = isbn.map(|number| {
        let digits = format!("978{number:09}");
        let weighted: u32 = digits
            .bytes()
            .enumerate()
            .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
            .sum();
        Isbn::stored(&format!("{digits}{}", (10 - weighted % 10) % 10)).unwrap()
    });
    NewBookRow::new(BookFields { isbn, ..fields(title, "A") }, moment(0))
}

struct Statements(Arc<AtomicUsize>);

impl Instrumentation for Statements {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The ids of the added rows, and the number of statements.
async fn add(engine: &Engine, rows: Vec<NewBookRow>) -> (Vec<Option<i64>>, usize) {
    let added = engine.write::<_, StoreError>(async move |conn: &mut Connection| {
        let statements = Arc::new(AtomicUsize::new(0));
        instrument(conn, Statements(statements.clone()));
        let added = insert_books(conn, &rows.iter().collect::<Vec<_>>()).await?;
        instrument(conn, None::<Statements>);
        Ok((added, AtomicUsize::load(&statements, Ordering::Relaxed)))
    });
    added.await.unwrap()
}

async fn titles(engine: &Engine) -> Vec<(i64, String)> {
    let read = engine.scan::<_, StoreError>(async |conn: &mut Connection| {
        Ok(books::table.order(books::id).select((books::id, books::title)).load(conn).await?)
    });
    read.await.unwrap()
}

#[tokio::test]
async fn many_books_take_few_statements_and_have_the_ids_of_their_rows() {
    let Some((engine, _database)) = super::support::migrated() else { return };
    let rows = (0..1_500).map(|number| row(&format!("T{number}"), Some(number))).collect();
    let (added, statements) = add(&engine, rows).await;
    assert!(statements < 10, "{statements}");
    let ids = added.iter().flatten().copied();
    let expected: Vec<_> = ids.zip((0..).map(|number| format!("T{number}"))).collect();
    assert_eq!(added.len(), 1_500);
    assert_eq!(titles(&engine).await, expected);
}

#[tokio::test]
async fn a_book_whose_isbn_is_taken_is_left_out() {
    let Some((engine, _database)) = super::support::migrated() else { return };
    add(&engine, vec![row("first", Some(7))]).await;
    let rows = vec![row("a", None), row("b", Some(7)), row("c", Some(8)), row("d", None)];
    let (added, _) = add(&engine, rows).await;
    let [Some(a), None, Some(c), Some(d)] = added[..] else { panic!("{added:?}") };
    let expected = [(a, "a"), (c, "c"), (d, "d")].map(|(id, title)| (id, title.to_owned()));
    assert_eq!(titles(&engine).await[1..], expected);
}
