//! Covers, uploaded to the whole program and seen again.

use std::fs;
use std::time::{Duration, Instant};

use bookshelf_domain::covers::CoverImages;
use bookshelf_tests::FakeS3;
use bookshelf_tests::app::{Answer, App, Client};
use bookshelf_tests::images::{
    SECRET, animated_png, animated_webp, jpeg, jpeg_with_exif, picture, plain_png, png,
    png_of_claimed_size, progressive_jpeg_of_claimed_size, read, webp,
};
use image::GenericImageView;
use png::{BitDepth, ColorType};
use serde_json::json;

/// The address of a new book's cover.
fn cover_of_new_book(user: &Client) -> String {
    let book = user.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    format!("{}/cover", book.header("location"))
}

fn put(user: &Client, cover: &str, image: impl Into<Vec<u8>>) -> Answer {
    user.request("PUT", cover).body("image/jpeg", image).send()
}

#[test]
fn a_cover_is_uploaded_seen_replaced_and_taken_away() {
    let app = App::start();
    let (ann, admin, nobody) = (app.user("ann"), app.admin(), app.anonymous());
    let cover = cover_of_new_book(&ann);
    let book = cover.strip_suffix("/cover").unwrap();
    nobody.get(&cover).error(404, "not_found");
    admin.delete(&cover).error(404, "not_found");
    let without = nobody.get(book).expect(200);
    assert!(without.data()["cover"].is_null() && without.data()["links"]["cover"].is_null());

    let given = put(&ann, &cover, jpeg(400, 640)).expect(200);
    let with = nobody.get(book).expect(200);
    assert_eq!(given.data(), with.data());
    assert_eq!(given.data()["cover"], cover);
    assert_eq!(given.header("etag"), with.header("etag"));
    assert_ne!(with.header("etag"), without.header("etag"));

    let whole = nobody.get(&cover).expect(200);
    assert_eq!(whole.header("content-type"), "image/jpeg");
    assert_eq!(read(&whole.body).dimensions(), (400, 640));
    let thumb = nobody.get(&format!("{cover}?size=thumb")).expect(200);
    assert_eq!(read(&thumb.body).dimensions(), (200, 320));
    let linked = nobody.get(with.data()["links"]["thumbnail"].as_str().unwrap()).expect(200);
    assert_eq!(linked.body, thumb.body);
    assert_eq!(linked.header("cache-control"), "public, max-age=31536000, immutable");
    let head = nobody.request("HEAD", &cover).send().expect(200);
    assert_eq!(head.header("etag"), whole.header("etag"));
    let known = nobody.request("GET", &cover).header("if-none-match", whole.header("etag")).send();
    assert!(known.expect(304).body.is_empty());

    for image in [png(30, 40), webp(30, 40)] {
        put(&ann, &cover, image).expect(200);
        assert_eq!(read(&nobody.get(&cover).expect(200).body).dimensions(), (30, 40));
    }
    admin.delete(&cover).expect(204);
    nobody.get(&cover).error(404, "not_found");
    admin.delete(&cover).error(404, "not_found");
    assert!(nobody.get(book).data()["cover"].is_null());
}

#[test]
fn the_same_image_again_changes_nothing() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let first = put(&ann, &cover, jpeg(60, 90)).expect(200);
    let again = put(&ann, &cover, jpeg(60, 90)).expect(200);
    assert_eq!(again.data(), first.data());
    assert_eq!(again.header("etag"), first.header("etag"));
}

#[test]
fn if_none_match_keeps_a_cover_from_being_replaced() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let send = |tags: &str, image: Vec<u8>| {
        ann.request("PUT", &cover).header("if-none-match", tags).body("image/png", image).send()
    };
    send("*", png(30, 40)).expect(200);
    let tag = ann.get(&cover).header("etag").to_owned();
    for tags in ["*", &tag] {
        send(tags, png(40, 30)).error(412, "precondition_failed");
    }
    assert_eq!(read(&ann.get(&cover).body).dimensions(), (30, 40));
    send("\"x\"", png(40, 30)).expect(200);
}

#[test]
fn of_two_who_saw_the_same_version_one_gives_the_cover() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let cover = cover_of_new_book(&ann);
    let tag = ann.get(cover.strip_suffix("/cover").unwrap()).header("etag").to_owned();
    let send = |image: Vec<u8>| {
        ann.request("PUT", &cover).header("if-match", &tag).body("image/png", image).send()
    };
    send(png(30, 40)).expect(200);
    send(png(40, 30)).error(412, "precondition_failed");
    let stale = admin.request("DELETE", &cover).header("if-match", &tag).send();
    stale.error(412, "precondition_failed");
    assert_eq!(read(&ann.get(&cover).body).dimensions(), (30, 40));
}

#[test]
fn nothing_of_an_upload_is_left_but_its_pixels() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let script = b"<script>alert(document.domain)</script>";
    let upload = [&jpeg_with_exif(&picture(60, 90), 6)[..], script].concat();
    put(&ann, &cover, upload).expect(200);
    for address in [cover.clone(), format!("{cover}?size=thumb")] {
        let image = app.anonymous().get(&address).expect(200);
        assert_eq!(read(&image.body).dimensions(), (90, 60), "the camera was held upright");
        for gone in [&script[..], SECRET.as_bytes(), b"Exif"] {
            assert!(!image.body.windows(gone.len()).any(|window| window == gone));
        }
        assert_eq!(image.header("x-content-type-options"), "nosniff");
        assert!(image.header("content-security-policy").contains("sandbox"));
    }
}

#[test]
fn what_is_no_cover_is_refused_and_the_server_is_well() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let whole = jpeg(60, 90);
    for foreign in [
        &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..],
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
    ] {
        put(&ann, &cover, foreign).error(415, "unsupported_media_type");
    }
    for unfit in [
        whole[..whole.len() / 2].to_vec(),
        png_of_claimed_size(50_000, 50_000),
        animated_png(),
        animated_webp(),
    ] {
        let error = put(&ann, &cover, unfit).error(422, "validation_failed");
        assert!(error["details"]["cover"][0].is_string(), "{error}");
    }
    put(&ann, &cover, "").error(400, "missing_body");
    ann.put(&cover, json!({"cover": "me"})).error(415, "unsupported_media_type");
    ann.get(&cover).error(404, "not_found");
    // A PNG by its content, whatever it is said to be.
    for media_type in ["image/jpg", "application/octet-stream", "text/html", ""] {
        ann.request("PUT", &cover).body(media_type, png(30, 40)).send().expect(200);
    }
}

/// Covers of the largest size that are small files. Each takes much memory to decode.
#[cfg(target_os = "linux")]
#[test]
fn the_largest_images_take_bounded_memory_or_are_refused() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let before = app.peak_memory();
    let depths = [(ColorType::Rgb, BitDepth::Sixteen), (ColorType::Rgba, BitDepth::Sixteen)];
    for (colour, depth) in depths {
        let upload = plain_png(5000, 8000, colour, depth);
        assert!(upload.len() < CoverImages::MAX_UPLOAD);
        put(&ann, &cover, upload).expect(200);
    }
    let error = put(&ann, &cover, progressive_jpeg_of_claimed_size(5000, 8000));
    let error = error.error(422, "validation_failed");
    let sentence = error["details"]["cover"][0].as_str().unwrap();
    assert!(sentence.contains("at most 153 MiB"), "{sentence}");
    let error = put(&ann, &cover, png_of_claimed_size(1, 65_535)).error(422, "validation_failed");
    let sentence = error["details"]["cover"][0].as_str().unwrap();
    assert!(sentence.contains("at most 16384 pixels"), "{sentence}");
    let grown = app.peak_memory() - before;
    assert!(grown < 190 * 1024 * 1024, "{} MiB", grown / 1024 / 1024);
}

#[test]
fn an_upload_is_refused_as_soon_as_it_is_too_large() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let head = |length: &str| {
        let token = &ann.login().access_token;
        format!(
            "PUT {cover} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: image/png\r\n{length}\r\n\r\n"
        )
    };
    // One that says so is not even begun.
    let mut wire = app.connect();
    wire.send(head(&format!("Content-Length: {}", 5 * 1024 * 1024 + 1)));
    wire.answer().error(413, "payload_too_large");
    // One that does not say so ends on the way; this one would go on for ever.
    let mut wire = app.connect();
    wire.send(head("Transfer-Encoding: chunked"));
    let chunk = [&b"10000\r\n"[..], &[7; 0x10000], b"\r\n"].concat();
    for _ in 0..81 {
        wire.send(&chunk);
    }
    wire.answer().error(413, "payload_too_large");
}

#[test]
fn an_upload_that_trickles_in_is_cut() {
    let app = App::with(&[("BOOKSHELF_BODY_TIMEOUT", "1s")]);
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    let token = &ann.login().access_token;
    let mut wire = app.connect();
    wire.send(format!(
        "PUT {cover} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: image/png\r\nContent-Length: 1000\r\n\r\n\u{1}"
    ));
    let error = wire.answer().error(400, "bad_request");
    assert!(error["message"].as_str().unwrap().contains("too long"), "{error}");
}

#[test]
fn books_are_read_while_large_covers_are() {
    let app = App::start();
    let users = ["ann", "bob", "cleo"].map(|name| app.user(name));
    // Much to decode, in few bytes.
    let large = png(2500, 2500);
    std::thread::scope(|scope| {
        let uploads: Vec<_> = users
            .iter()
            .map(|user| {
                let (cover, image) = (cover_of_new_book(user), large.clone());
                scope.spawn(move || put(user, &cover, image).expect(200))
            })
            .collect();
        let mut reads = 0;
        let patience = Instant::now() + Duration::from_secs(60);
        while !uploads.iter().all(|upload| upload.is_finished()) && Instant::now() < patience {
            app.anonymous().get("/api/v1/books").expect(200);
            reads += 1;
        }
        assert!(reads > 3, "{reads}");
    });
}

#[test]
fn an_upload_waits_for_one_upload_of_each_other_user() {
    let app = App::start();
    let (ann, bob) = (app.user("ann"), app.user("bob"));
    let large = png(2500, 2500);
    let [first, second, third] = [&ann; 3].map(cover_of_new_book);
    let cover = cover_of_new_book(&bob);
    std::thread::scope(|scope| {
        let uploads = [first, second].map(|cover| {
            let (ann, large) = (&ann, &large);
            scope.spawn(move || {
                // The upload without an image occupies a part of the share of ann for a moment.
                while put(ann, &cover, &**large).status == 429 {}
            })
        });
        while put(&ann, &third, "").status != 429 {
            assert!(!uploads.iter().any(|upload| upload.is_finished()), "they do not overlap");
        }
        put(&bob, &cover, &*large).expect(200);
        let finished = uploads.iter().filter(|upload| upload.is_finished()).count();
        assert!(finished < 2, "it has waited for both");
    });
}

#[test]
fn covers_outlive_a_crash_and_lie_in_the_data_directory() {
    let mut app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    put(&ann, &cover, jpeg(60, 90)).expect(200);
    let before = app.anonymous().get(&cover).expect(200);
    app.restart();
    let after = app.anonymous().get(&cover).expect(200);
    assert_eq!((after.header("etag"), &after.body), (before.header("etag"), &before.body));

    let folder = app.program().folder().join("data/covers");
    fs::remove_dir_all(&folder).unwrap();
    // What the store has lost is not there, and the rest goes on.
    app.anonymous().get(&cover).error(404, "not_found");
    let ann = app.login("ann@example.com");
    put(&ann, &cover, jpeg(90, 60)).expect(200);
    app.anonymous().get(&cover).expect(200);
}

#[test]
fn covers_can_be_kept_in_a_bucket() {
    let s3 = FakeS3::start();
    let environment = s3.environment();
    let mut settings: Vec<_> =
        environment.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    settings.push(("BOOKSHELF_COVER_STORE", "s3://bucket/our/covers"));
    let mut app = App::with(&settings);
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    put(&ann, &cover, jpeg(400, 640)).expect(200);
    app.restart();
    assert_eq!(read(&app.anonymous().get(&cover).expect(200).body).dimensions(), (400, 640));
    let keys = s3.keys();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.starts_with("bucket/our/covers/")), "{keys:?}");
    assert!(!app.program().folder().join("data/covers").exists());
    assert!(!app.log().contains("secret of the store"));
    s3.lose_everything();
    app.anonymous().get(&cover).error(404, "not_found");
}

#[test]
fn the_credentials_of_a_bucket_can_be_in_files() {
    let s3 = FakeS3::start();
    let folder = tempfile::tempdir().unwrap();
    let settings: Vec<_> = s3
        .environment()
        .into_iter()
        .map(|(name, text)| {
            if !name.contains("KEY") {
                return (name, text);
            }
            let file = folder.path().join(&name);
            fs::write(&file, text + "\n").unwrap();
            (name + "_FILE", file.to_str().unwrap().to_owned())
        })
        .collect();
    let mut settings: Vec<_> =
        settings.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    settings.push(("BOOKSHELF_COVER_STORE", "s3://bucket/our/covers"));
    let app = App::with(&settings);
    let ann = app.user("ann");
    put(&ann, &cover_of_new_book(&ann), jpeg(40, 60)).expect(200);
    assert_eq!(s3.keys().len(), 2);
    assert!(!app.log().contains("secret of the store"));
}

#[test]
fn a_store_that_cannot_be_used_stops_the_start_with_one_line() {
    let app = App::start();
    let folder = app.program().folder();
    fs::write(folder.join("file"), "").unwrap();
    for (place, says) in [
        ("file/covers", "cannot store covers in file/covers: its folder cannot be created"),
        ("s3://bucket/covers", "cannot store covers in s3://bucket/covers: "),
        ("gs://bucket", "--cover-store must be a folder or s3://BUCKET/PREFIX"),
    ] {
        // Nobody listens at this port of S3.
        let settings = [
            ("AWS_ENDPOINT", "http://127.0.0.1:1"),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
        ];
        let program = bookshelf_tests::app::Program::new(folder, &settings);
        let output = program.run(&["serve", "--cover-store", place]);
        assert_ne!(output.code, 0);
        let line = output.stderr.lines().last().unwrap();
        assert!(line.contains(says), "{line}");
    }
}

#[test]
fn a_cover_is_changed_only_by_a_writer_who_has_seen_it() {
    let app = App::start();
    let (ann, admin) = (app.user("ann"), app.admin());
    let cover = cover_of_new_book(&ann);
    let send = |method: &str, tag: &str, image: Vec<u8>| {
        let request = admin.request(method, &cover).header("if-match", tag);
        request.body("image/png", image).send()
    };
    let tag = |address: &str| ann.get(address).expect(200).header("etag").to_owned();
    send("PUT", "*", png(30, 40)).error(412, "precondition_failed");
    put(&ann, &cover, png(30, 40)).expect(200);
    let first = tag(&cover);
    send("PUT", "*", png(31, 40)).expect(200);
    for method in ["PUT", "DELETE"] {
        for stale in [&first, &format!("W/{}", tag(&cover)), "\"x\"", &first.to_uppercase()] {
            send(method, stale, png(32, 40)).error(412, "precondition_failed");
        }
    }
    assert_eq!(read(&ann.get(&cover).body).dimensions(), (31, 40));
    // A change of the book is not one of the cover.
    let book = cover.strip_suffix("/cover").unwrap();
    let seen = tag(&cover);
    ann.patch(book, json!({"year": 1999})).expect(200);
    send("PUT", &seen, png(32, 40)).expect(200);
    send("PUT", &tag(&format!("{cover}?size=thumb")), png(33, 40)).expect(200);
    send("PUT", &format!("\"x\", {}", tag(book)), png(34, 40)).expect(200);
    let error = send("PUT", tag(&cover).trim_matches('"'), png(35, 40));
    let error = error.error(412, "precondition_failed");
    assert!(error["message"].as_str().unwrap().contains("quotation marks"), "{error}");
    send("DELETE", &tag(&cover), Vec::new()).expect(204);
    ann.get(&cover).error(404, "not_found");
}

#[test]
fn of_two_who_saw_the_same_cover_one_replaces_it() {
    let app = App::start();
    let ann = app.user("ann");
    let cover = cover_of_new_book(&ann);
    put(&ann, &cover, png(30, 40)).expect(200);
    let tag = ann.get(&cover).header("etag").to_owned();
    let send = |width: u32| {
        let request = ann.request("PUT", &cover).header("if-match", &tag);
        request.body("image/png", png(width, 40)).send().status
    };
    let mut statuses = std::thread::scope(|scope| {
        let sent = [31, 32].map(|width| scope.spawn(move || send(width)));
        sent.map(|answer| answer.join().unwrap())
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
