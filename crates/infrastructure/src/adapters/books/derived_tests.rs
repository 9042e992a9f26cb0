//! Stored forms of texts that are out of date are computed again.

use std::thread;

use bookshelf_domain::StoreError;
use bookshelf_domain::fold::VERSION;
use diesel::prelude::*;

use super::BookAdapter;
use super::dialect::{Connection, Engine, RunQueryDsl};
use crate::SchemaState;
use crate::books::row::{DerivedRow, NewBookRow};
use crate::books::tests::{add, fields, moment};
use crate::schema::books;

/// More than one batch, and more than one window.
const BOOKS: usize = 2_300;

type Row = (i64, String, String, Option<String>, DerivedRow);

async fn rows(engine: &Engine) -> Vec<Row> {
    let read = engine.scan::<Vec<Row>, StoreError>(async |conn: &mut Connection| {
        let columns =
            (books::id, books::title, books::author, books::genre, DerivedRow::as_select());
        Ok(books::table.order(books::id).select(columns).load(conn).await?)
    });
    read.await.unwrap()
}

fn is_current((_, title, author, genre, derived): &Row) -> bool {
    let genre = genre.as_deref().unwrap_or("Unknown");
    *derived == DerivedRow::of(title, author, genre)
}

/// Adds books whose stored forms are those of earlier and later versions.
async fn fill(engine: &Engine) {
    let filled = engine.write::<(), StoreError>(async |conn: &mut Connection| {
        for number in 0..BOOKS {
            let row = NewBookRow::new(fields(&format!("Émile {number}"), "Łukasz"), moment(0));
            diesel::insert_into(books::table).values(&row).execute(conn).await?;
        }
        let set = |key: Vec<u8>| {
            (books::title_sort.eq(key), books::title_folded.eq("é"), books::author_folded.eq("ł"))
        };
        // The first books are up to date, as after an interruption.
        let earlier = books::table.filter(books::id.gt(100));
        diesel::update(earlier).set(set(Vec::new())).execute(conn).await?;
        let later = books::table.filter(books::id.gt(1_800));
        diesel::update(later).set(set(vec![VERSION + 1, 7])).execute(conn).await?;
        // Ids need not be close together.
        let last = books::table.find(BOOKS as i64);
        diesel::update(last).set(books::id.eq(i64::MAX - 1)).execute(conn).await?;
        Ok(())
    });
    filled.await.unwrap();
}

#[tokio::test]
async fn several_instances_renew_forms_of_other_versions() {
    let Some((engine, _database)) = super::support::migrated() else { return };
    fill(&engine).await;
    assert_eq!(rows(&engine).await.iter().filter(|row| !is_current(row)).count(), BOOKS - 100);
    assert_eq!(engine.schema_state().unwrap(), SchemaState::Older);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| engine.migrate().unwrap());
        }
    });
    let rows = rows(&engine).await;
    assert_eq!(rows.len(), BOOKS);
    assert!(rows.iter().all(is_current), "{:?}", rows.iter().find(|row| !is_current(row)));
    assert_eq!(engine.schema_state().unwrap(), SchemaState::Current);
}

#[tokio::test]
async fn books_out_of_date_are_found_behind_windows_without_any() {
    let Some((engine, _database)) = super::support::migrated() else { return };
    fill(&engine).await;
    engine.migrate().unwrap();
    let last = engine.write::<(), StoreError>(async |conn: &mut Connection| {
        let last = books::table.find(i64::MAX - 1);
        diesel::update(last).set(books::title_sort.eq(vec![0])).execute(conn).await?;
        Ok(())
    });
    last.await.unwrap();
    assert_eq!(engine.schema_state().unwrap(), SchemaState::Older);
    assert_eq!(super::derived::renew_blocking(&engine).unwrap(), 1);
    assert_eq!(engine.schema_state().unwrap(), SchemaState::Current);
}

#[tokio::test]
async fn a_book_of_the_current_version_is_left_alone() {
    let Some((engine, _database)) = super::support::migrated() else { return };
    let books = BookAdapter(engine.clone());
    add(&books, fields("Émile", "Zola"), moment(0)).await;
    let before = rows(&engine).await;
    assert_eq!(super::derived::renew_blocking(&engine).unwrap(), 0);
    assert_eq!(rows(&engine).await, before);
    assert!(is_current(&before[0]));
}
