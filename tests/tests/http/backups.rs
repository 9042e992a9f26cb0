//! Backups: made while a server writes, restored, and verified.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bookshelf_tests::app::{App, Output, Program, on_postgres};
use bookshelf_tests::images::jpeg;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

/// An app with a rated book that has a cover; returns the path of the cover.
fn app_with_cover(settings: &[(&str, &str)]) -> (App, String) {
    let app = App::with(settings);
    let ann = app.user("ann");
    let book = ann.post("/api/v1/books", json!({"title": "Dune", "author": "Herbert"})).expect(201);
    ann.post("/api/v1/shelf", json!({"book_id": 1, "rating": 5})).expect(201);
    let cover = format!("{}/cover", book.header("location"));
    ann.request("PUT", &cover).body("image/jpeg", jpeg(300, 400)).send().expect(200);
    (app, cover)
}

fn backup(app: &App, name: &str) -> PathBuf {
    let file = app.program().folder().join(name);
    let saved = app.program().run(&["backup", file.to_str().unwrap()]).done();
    assert!(saved.stdout.starts_with("saved the database and 1 covers in "), "{saved:?}");
    file
}

#[test]
fn a_backup_has_everything_that_was_acknowledged_before_it_began() {
    if on_postgres() {
        return;
    }
    let (app, cover) = app_with_cover(&[]);
    let ann = app.login("ann@example.com");
    let (acknowledged, is_over) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let write = |writer: usize| {
        let client = app.login("ann@example.com");
        for number in 0.. {
            if is_over.load(Ordering::Relaxed) {
                return;
            }
            let book = json!({"title": format!("{writer} {number}"), "author": "Writer"});
            let added = client.post("/api/v1/books", book.clone()).expect(201).data();
            acknowledged.lock().unwrap().push((added["id"].as_u64().unwrap(), book));
        }
    };
    let (before, file) = thread::scope(|scope| {
        let writers: Vec<_> = (0..4).map(|writer| scope.spawn(move || write(writer))).collect();
        let deadline = Instant::now() + PATIENCE;
        while acknowledged.lock().unwrap().len() < 100 {
            assert!(Instant::now() < deadline, "the writers are too slow");
            thread::sleep(Duration::from_millis(1));
        }
        let before = acknowledged.lock().unwrap().clone();
        let file = backup(&app, "under-load.tar");
        is_over.store(true, Ordering::Relaxed);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        (before, file)
    });
    let restored = App::restored(&file);
    let client = restored.anonymous().bearing(ann.login().clone());
    client.get("/api/v1/auth/me").expect(200);
    for (id, book) in &before {
        let found = client.get(&format!("/api/v1/books/{id}")).expect(200).data();
        assert_eq!(found["title"], book["title"]);
    }
    assert_eq!(client.get(&cover).expect(200).body, app.anonymous().get(&cover).expect(200).body);
    assert_eq!(client.get("/api/v1/shelf").expect(200).data()[0]["rating"], 5);
    assert_eq!(restored.program().run(&["verify"]).done().stdout, "no faults\n");
}

/// Tries to restore a file into an empty folder, and asserts that nothing is left there.
fn refused(file: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let restored = Program::new(folder.path(), &[]).run(&["restore", file.to_str().unwrap()]);
    assert_eq!(restored.code, 1, "{restored:?}");
    let left: Vec<_> = fs::read_dir(folder.path().join("data")).unwrap().collect();
    // The store of covers was opened.
    assert!(left.iter().all(|entry| entry.as_ref().unwrap().file_name() == "covers"), "{left:?}");
    restored.stderr
}

#[test]
fn a_damaged_backup_is_refused_before_anything_is_written() {
    if on_postgres() {
        return;
    }
    let (app, _) = app_with_cover(&[]);
    let file = backup(&app, "whole.tar");
    let whole = fs::read(&file).unwrap();
    let place = |name: &str| {
        whole.windows(name.len()).position(|window| window == name.as_bytes()).unwrap()
    };
    let changed = app.program().folder().join("changed.tar");
    // A byte in the content of each member, which follows the 512 bytes of its header.
    for member in
        ["bookshelf-backup.json", "bookshelf.db", "jwt-secret", "covers/thumb", "covers/full"]
    {
        let mut bytes = whole.clone();
        bytes[place(member) + 512 + 20] ^= 1;
        fs::write(&changed, bytes).unwrap();
        let why = refused(&changed);
        assert!(why.contains("is damaged: "), "{member}: {why}");
    }
    for length in [whole.len() / 2, place("end.json"), place("end.json") + 512] {
        fs::write(&changed, &whole[..length]).unwrap();
        let why = refused(&changed);
        assert!(why.contains("is damaged: "), "{length}: {why}");
    }
    fs::write(&changed, "no archive").unwrap();
    assert!(refused(&changed).contains("is not a backup that this version reads"));
    assert!(refused(Path::new("missing.tar")).contains("missing.tar cannot be read"));
}

#[test]
fn a_backup_is_not_restored_over_a_library() {
    if on_postgres() {
        return;
    }
    let (app, _) = app_with_cover(&[]);
    let file = backup(&app, "whole.tar");
    let again = app.program().run(&["restore", file.to_str().unwrap()]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("restore into an empty data directory"), "{}", again.stderr);
    assert_eq!(app.integrity(), "ok");
}

#[test]
fn the_log_of_another_database_does_not_reach_a_restored_one() {
    if on_postgres() {
        return;
    }
    let (app, _) = app_with_cover(&[]);
    let file = backup(&app, "whole.tar");
    for left in ["bookshelf.db-wal", "bookshelf.db-journal"] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join(left), "a log").unwrap();
        let program = Program::new(folder.path(), &[]);
        let restored = program.run(&["restore", file.to_str().unwrap()]);
        assert_eq!(restored.code, 1, "{restored:?}");
        assert!(restored.stderr.contains(&format!("{left} exists already")), "{restored:?}");
        assert!(!data.join("bookshelf.db").exists());
    }
}

#[test]
fn a_restore_that_fails_can_be_repeated() {
    if on_postgres() {
        return;
    }
    let (app, _) = app_with_cover(&[]);
    let file = backup(&app, "whole.tar");
    let folder = tempfile::tempdir().unwrap();
    let (data, program) = (folder.path().join("data"), Program::new(folder.path(), &[]));
    // A file takes the place of each folder of covers, so no cover can be written.
    let covers = data.join("covers");
    fs::create_dir_all(&covers).unwrap();
    (0..=u8::MAX).for_each(|part| fs::write(covers.join(format!("{part:02x}")), "").unwrap());
    let failed = program.run(&["restore", file.to_str().unwrap()]);
    assert_eq!(failed.code, 1, "{failed:?}");
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [covers.as_path()]);
    fs::remove_dir_all(&covers).unwrap();
    program.run(&["restore", file.to_str().unwrap()]).done();
    assert_eq!(program.run(&["verify"]).done().stdout, "no faults\n");
}

#[test]
fn a_library_on_postgres_is_saved_by_its_own_tools() {
    if !on_postgres() {
        return;
    }
    let app = App::start();
    for command in ["backup", "restore"] {
        let Output { code, stderr, .. } = app.program().run(&[command, "file.tar"]);
        assert_eq!(code, 2);
        assert!(stderr.contains("pg_dump"), "{stderr}");
    }
}

#[test]
fn a_library_that_was_used_has_no_faults() {
    let (app, cover) = app_with_cover(&[]);
    let (bob, admin) = (app.user("bob"), app.admin());
    bob.post("/api/v1/shelf", json!({"book_id": 1, "rating": 2})).expect(201);
    let other = bob.post("/api/v1/books", json!({"title": "A", "author": "B"})).expect(201);
    admin.delete(other.header("location")).expect(204);
    assert_eq!(app.program().run(&["verify"]).done().stdout, "no faults\n");
    admin.delete(&cover).expect(204);
    assert_eq!(app.program().run(&["verify"]).done().stdout, "no faults\n");
}

#[test]
fn every_fault_of_a_library_is_a_line() {
    if on_postgres() {
        return;
    }
    let (mut app, _) = app_with_cover(&[]);
    app.kill();
    let database = app.program().folder().join("data/bookshelf.db");
    let mut connection = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    let damage = "
        PRAGMA foreign_keys = OFF;
        UPDATE books SET rating_sum = 9;
        UPDATE book_counts SET books = books + 3;
        INSERT INTO shelf_entries (user_id, book_id, status, added_at, updated_at)
            VALUES (1, 77, 'read', 0, 0);";
    connection.batch_execute(damage).unwrap();
    drop(connection);
    let covers = app.program().folder().join("data/covers");
    let image = walk(&covers).into_iter().find(|path| !path.to_str().unwrap().contains("thumb"));
    let image = image.unwrap();
    let whole = fs::read(&image).unwrap();
    fs::write(&image, &whole[1..]).unwrap();
    let verified = app.program().run(&["verify"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    let expected = [
        "of shelf_entries refers to a missing row of books",
        "book 1 has a sum of 9, 1 ratings and an average of 900 hundredths; its shelf entries give \
         5, 1 and 500",
        "lists show a total of 4 books, and there are 1",
        "of book 1 is not what was stored",
    ];
    for fault in expected {
        assert!(verified.stdout.contains(fault), "{fault}: {}", verified.stdout);
    }
    assert!(verified.stdout.ends_with("\nfaults: 4\n"), "{}", verified.stdout);
    fs::remove_file(image).unwrap();
    assert!(app.program().run(&["verify"]).stdout.contains("of book 1 is missing in the store"));
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn regular_backups_are_made_and_the_oldest_deleted() {
    if on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("BOOKSHELF_BACKUP_DIR", folder.path().to_str().unwrap()),
        ("BOOKSHELF_BACKUP_EVERY", "1s"),
        ("BOOKSHELF_BACKUP_KEEP", "2"),
    ];
    let (_app, _) = app_with_cover(&settings);
    let tars = || {
        let mut tars: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "tar"))
            .collect();
        tars.sort();
        tars
    };
    let wait_for = |is_there: &dyn Fn(&[PathBuf]) -> bool| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = tars();
            if is_there(&found) {
                return found;
            }
            assert!(Instant::now() < deadline, "{found:?}");
            thread::sleep(Duration::from_millis(50));
        }
    };
    let first = wait_for(&|found| !found.is_empty())[0].clone();
    let kept = wait_for(&|found| found.len() == 2 && !found.contains(&first));
    App::restored(&kept[0]).anonymous().get("/api/v1/books").expect(200);
}
