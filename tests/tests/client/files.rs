use std::convert::Infallible;
use std::pin::pin;

use bookshelf_client::{
    BookQuery, EntryFields, Error, Export, FileFormat, Import, OnConflict, Reason, ShelvedBook,
    Upload,
};
use bookshelf_tests::app::App;
use bookshelf_tests::images;
use futures_util::{TryStreamExt, stream};

use super::lossy::Lossy;
use super::{admin, book, client, user};

const ROWS: usize = 3000;

/// A stream of a file in small pieces.
fn streamed(file: &[u8]) -> Upload {
    let pieces: Vec<_> =
        file.chunks(1000).map(|piece| Ok::<_, Infallible>(piece.to_vec())).collect();
    Upload::stream(stream::iter(pieces))
}

fn file_of_books() -> Vec<u8> {
    let rows: String = (0..ROWS).map(|number| format!("Book {number},Ann\n")).collect();
    format!("title,author\n{rows}").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cover_is_stored_from_bytes_and_from_a_stream() {
    let app = App::start();
    let admin = admin(&app).await;
    let made = admin.books().create(&book("Emma")).await.unwrap();
    let id = made.value.id;
    let covered = admin.books().set_cover(id, images::png(60, 90), made.etag.as_deref()).await;
    assert!(covered.unwrap().value.cover.is_some());
    let cover = client(&app).books().cover(id).await.unwrap();
    assert_eq!(cover.media_type(), Some("image/jpeg"));
    assert!(cover.etag().is_some());
    let image = images::read(&cover.bytes().await.unwrap());
    assert_eq!((image.width(), image.height()), (60, 90));

    admin.books().set_cover(id, streamed(&images::jpeg(800, 1200)), None).await.unwrap();
    let mut small = client(&app).books().thumbnail(id).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = small.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(images::read(&bytes).height(), 320);
    let error = admin.books().set_cover(id, "no image", None).await.unwrap_err();
    assert!(error.api().unwrap().status < 500, "{error}");
    admin.books().delete_cover(id, None).await.unwrap();
    let error = client(&app).books().cover(id).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn books_go_in_and_out_as_streams() {
    let app = App::start();
    let admin = admin(&app).await;
    let dry = Import { dry_run: Some(true), ..Import::default() };
    let report = admin.books().import(file_of_books(), &dry).await.unwrap();
    assert_eq!(report.created, ROWS as u64);
    assert!(admin.books().list(&BookQuery::default()).await.unwrap().items.is_empty());
    let report =
        admin.books().import(streamed(&file_of_books()), &Import::default()).await.unwrap();
    assert_eq!((report.created, report.failed), (ROWS as u64, 0));

    let mut exported = Vec::new();
    let mut stream = pin!(admin.books().export(Export::Ndjson).await.unwrap().stream());
    while let Some(chunk) = stream.try_next().await.unwrap() {
        exported.extend_from_slice(&chunk);
    }
    assert_eq!(exported.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), ROWS);
    let again = Import {
        format: FileFormat::Ndjson,
        on_conflict: Some(OnConflict::Update),
        ..Import::default()
    };
    let report = admin.books().import(exported, &again).await.unwrap();
    assert_eq!((report.created, report.failed), (0, 0));

    let bad = admin.books().import("title,author\n,Ann\n", &Import::default()).await.unwrap();
    assert_eq!((bad.failed, bad.errors[0].line), (1, 2));
    assert!(bad.errors[0].details.contains_key("title"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelf_goes_out_and_in() {
    let app = App::start();
    let (ann, bob) = (user(&app, "ann").await, user(&app, "bob").await);
    ann.shelf().add(&ShelvedBook::New(book("Emma")), &EntryFields::default()).await.unwrap();
    let exported = ann.shelf().export(Export::Goodreads).await.unwrap().bytes().await.unwrap();
    let report = bob.shelf().import(exported, &Import::default()).await.unwrap();
    assert_eq!((report.origin.as_str(), report.created), ("goodreads", 1));
    let own = ann.shelf().export(Export::Csv).await.unwrap();
    assert_eq!(own.media_type(), Some("text/csv; charset=utf-8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_not_sent_twice() {
    let app = App::start();
    let admin = admin(&app).await;
    let id = admin.books().create(&book("Emma")).await.unwrap().value.id;
    let proxy = Lossy::new(&app.url(), 1);
    let tokens = admin.tokens().unwrap();
    let lossy = bookshelf_client::Client::builder(&proxy.url).tokens(tokens).build().unwrap();
    let error =
        lossy.books().set_cover(id, streamed(&images::png(60, 90)), None).await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error}");
    lossy.books().set_cover(id, images::png(60, 90), None).await.unwrap();
}
