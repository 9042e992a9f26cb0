//! Covers whose store is away.

use std::fs;

use bookshelf_tests::app::{Answer, App, Client};
use bookshelf_tests::images::jpeg;
use bookshelf_tests::{FakeS3, Link};

use super::{add_book, recovers, reported, unavailable};

const STORE: &str = "the store of covers";

fn upload(client: &Client, cover: &str, width: u32) -> Answer {
    client.request("PUT", cover).body("image/jpeg", jpeg(width, 30)).send()
}

/// A user, and the address of the cover that it has uploaded.
fn with_cover(app: &App) -> (Client, String) {
    let ann = app.user("ann");
    let cover = add_book(&ann).expect(201).header("location").to_owned() + "/cover";
    upload(&ann, &cover, 20).expect(200);
    (ann, cover)
}

#[test]
fn a_folder_that_cannot_be_read_is_told_and_found_again() {
    let app = App::start();
    let (ann, cover) = with_cover(&app);
    let folder = app.program().folder().join("data/covers");
    let away = folder.with_extension("away");
    fs::rename(&folder, &away).unwrap();
    // Root could read a folder without permissions, but not a file in its place.
    fs::write(&folder, "").unwrap();
    unavailable(|| ann.get(&cover));
    upload(&ann, &cover, 21).error(503, "unavailable");
    ann.get("/api/v1/books").expect(200);

    fs::remove_file(&folder).unwrap();
    fs::rename(&away, &folder).unwrap();
    recovers(|| ann.get(&cover));
    upload(&ann, &cover, 22).expect(200);
    reported(&app, STORE, || ann.get(&cover));
}

#[test]
fn a_service_that_is_gone_is_told_and_found_again() {
    let s3 = FakeS3::start();
    let mut environment = s3.environment();
    let endpoint = environment.iter_mut().find(|(name, _)| name == "AWS_ENDPOINT").unwrap();
    let link = Link::to(&endpoint.1);
    link.url().clone_into(&mut endpoint.1);
    let mut settings: Vec<_> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    settings.push(("BOOKSHELF_COVER_STORE", "s3://bucket/covers"));
    let app = App::with(&settings);
    let (ann, cover) = with_cover(&app);
    link.cut();
    unavailable(|| ann.get(&cover));
    ann.get("/api/v1/books").expect(200);

    link.mend();
    recovers(|| ann.get(&cover));
    reported(&app, STORE, || ann.get(&cover));
}
