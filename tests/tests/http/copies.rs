//! Databases that are copied into others.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Child;

use bookshelf_tests::app::{App, Output, Program, on_postgres};
use bookshelf_tests::images::jpeg;
use bookshelf_tests::{Link, TestDatabase};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};

fn copy(program: &Program, from: &str, to: &str) -> Output {
    program.run(&["db", "copy", "--from", from, "--to", to])
}

/// An empty database of the other kind than the app's, or of the same.
struct Target {
    url: String,
    _database: Option<TestDatabase>,
}

impl Target {
    /// None where it would be on PostgreSQL and there is none.
    fn make(postgres: bool, folder: &Path, name: &str) -> Option<Self> {
        if !postgres {
            let url = format!("sqlite://{}", folder.join(name).display());
            return Some(Self { url, _database: None });
        }
        let database = TestDatabase::create()?;
        Some(Self { url: database.url().to_owned(), _database: Some(database) })
    }
}

const ODD: [&str; 8] = [
    "'; DROP TABLE books; -- \" `quoted`",
    "back\\slash \\n \\N \\. \\x41 \\",
    "👩‍👩‍👧‍👦 🇪🇺 e\u{301} \u{10ffff} \u{feff}ﬃ ẞ İ",
    "NULL",
    "two\nlines\r\nand a\ttab",
    "ΣΊΣΥΦΟΣ и Ёлка 北京 العربية",
    "a,b;c|d\u{2028}e\u{7f}f",
    "%_?$1:name{}",
];

/// Books, ratings, accounts, sessions, a key, invitations, a remembered answer; returns the id of a book that is gone.
fn fill(app: &App) -> (String, i64) {
    let admin = app.admin();
    for text in ODD {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        let book = json!({"title": format!("x{plain}x"), "author": plain, "description": text});
        admin.post("/api/v1/books", book).expect(201);
    }
    let ann = app.user("ann");
    let shelved = json!({"book_id": 2, "rating": 4, "notes": ODD[0]});
    ann.post("/api/v1/shelf", shelved).expect(201);
    admin.post("/api/v1/shelf", json!({"book_id": 2, "rating": 5})).expect(201);
    admin.post("/api/v1/shelf", json!({"book_id": 3})).expect(201);
    let cover = ann.request("PUT", "/api/v1/books/2/cover").body("image/jpeg", jpeg(40, 60));
    cover.send().expect(200);
    let key = json!({"name": "a service", "permissions": ["read", "write"]});
    let key = ann.post("/api/v1/api-keys", key).expect(201).data();
    // One invitation is used, and one is not.
    let invite = admin.post("/api/v1/invites", json!({"email": "eve@example.com"})).expect(201);
    admin.post("/api/v1/invites", json!({"role": "admin"})).expect(201);
    let eve = json!({"email": "eve@example.com", "password": "correct horse battery",
                     "invite": invite.data()["token"]});
    app.anonymous().post("/api/v1/auth/register", eve).expect(201);
    let book = json!({"title": "Gone", "author": "Nobody", "year": -5});
    let made = admin.request("POST", "/api/v1/books").header("idempotency-key", "once");
    let gone = made.json(&book).send().expect(201).data()["id"].clone();
    admin.delete(&format!("/api/v1/books/{}", id(&gone))).expect(204);
    (key["key"].as_str().unwrap().to_owned(), id(&gone))
}

fn id(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

#[test]
fn a_copy_of_a_copy_is_what_was_copied() {
    let app = App::start();
    let folder = app.program().folder().to_owned();
    let Some(middle) = Target::make(!on_postgres(), &folder, "middle.db") else { return };
    let Some(end) = Target::make(on_postgres(), &folder, "end.db") else { return };
    let (key, gone) = fill(&app);
    let ann = app.login("ann@example.com");

    // The server goes on meanwhile.
    let told = copy(app.program(), &app.database_url(), &middle.url).done();
    let books = told.stdout.lines().find(|line| line.starts_with("books ")).unwrap();
    assert!(books.contains("8 rows") && books.contains("sha256"), "{told:?}");
    assert_eq!(told.stderr, "");
    copy(app.program(), &middle.url, &end.url).done();
    if !on_postgres() {
        same_rows(&folder.join("data/bookshelf.db"), &folder.join("end.db"));
    }

    // Covers are kept elsewhere.
    let covers = folder.join("data/covers");
    let settings =
        [("DATABASE_URL", &*end.url), ("BOOKSHELF_COVER_STORE", covers.to_str().unwrap())];
    let copied = App::with(&settings);
    let rated = copied.anonymous().get("/api/v1/books/2").data();
    assert_eq!(rated["rating"], json!({"average": 4.5, "count": 2}));
    copied.anonymous().get("/api/v1/books/2/cover").expect(200);
    for format in ["csv", "ndjson"] {
        let export = |app: &App| app.program().run(&["export", "-", "--format", format]).done();
        assert_eq!(export(&copied).stdout, export(&app).stdout);
    }
    // "σίσυφοσ", "ё", "n".
    for search in ["", "%CF%83%CE%AF%CF%83%CF%85%CF%86%CE%BF%CF%83", "%D1%91", "n"] {
        let path = format!("/api/v1/books?sort=title&search={search}");
        let found = copied.anonymous().get(&path).data();
        assert!(!found.as_array().unwrap().is_empty(), "{search}");
        assert_eq!(found, app.anonymous().get(&path).data(), "{search}");
    }
    copied.login("ANN@example.com").get("/api/v1/auth/me").expect(200);
    let refresh = copied.anonymous().request("POST", "/api/v1/auth/refresh");
    refresh.bearer(&ann.login().refresh_token).send().expect(200);
    let service = copied.anonymous().showing(&key);
    let book = json!({"title": "New", "author": "Somebody"});
    let made = service.post("/api/v1/books", book).expect(201).data();
    assert_eq!(id(&made["id"]), gone + 1);
    assert_eq!(copied.user("bob").get("/api/v1/auth/me").data()["id"], 4);
}

/// Asks SQLite itself, of every table that there is.
fn same_rows(one: &Path, other: &Path) {
    let mut connection = SqliteConnection::establish(one.to_str().unwrap()).unwrap();
    connection.batch_execute(&format!("ATTACH '{}' AS other", other.display())).unwrap();
    let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'
        AND name NOT IN ('sqlite_schema', '__diesel_schema_migrations', 'books_fts')";
    let tables: Vec<String> = diesel::dsl::sql::<Text>(tables).load(&mut connection).unwrap();
    for known in ["books", "books_trigrams", "sqlite_sequence", "sessions", "shelf_entries"] {
        assert!(tables.iter().any(|table| table == known), "{tables:?}");
    }
    for table in tables {
        let mut count = |query: String| -> i64 {
            diesel::dsl::sql::<BigInt>(&query).get_result(&mut connection).unwrap()
        };
        let rows = count(format!("SELECT count(*) FROM main.{table}"));
        assert!(rows > 0, "{table} has no rows: nothing is tried of it");
        assert_eq!(count(format!("SELECT count(*) FROM other.{table}")), rows, "{table}");
        let same = format!(
            "SELECT count(*) FROM (SELECT * FROM main.{table} INTERSECT SELECT * FROM other.{table})"
        );
        assert_eq!(count(same), rows, "{table}");
    }
}

#[test]
fn a_copy_that_cannot_be_is_refused_with_one_line() {
    let app = App::start();
    let folder = app.program().folder().to_owned();
    let sqlite = |name: &str| format!("sqlite://{}", folder.join(name).display());
    let (own, full) = (app.database_url(), sqlite("full.db"));
    fill(&app);
    copy(app.program(), &own, &full).done();
    app.program().run(&["migrate", "--database-url", &sqlite("newer.db")]).done();
    let mut newer = SqliteConnection::establish(folder.join("newer.db").to_str().unwrap()).unwrap();
    let future = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
    newer.batch_execute(future).unwrap();
    fs::write(folder.join("empty.db"), "").unwrap();
    let missing = sqlite("missing.db");
    for (from, to, code, said) in [
        (own.as_str(), full.as_str(), 1, "the target is not empty"),
        (&own, &own, 2, "the same database"),
        (&own, "mysql://ann:hunter2@host/books", 2, "--to must be"),
        (&missing, &full, 1, "there is no file"),
        (&sqlite("empty.db"), &full, 1, "\"bookshelf migrate\""),
        (&sqlite("newer.db"), &full, 1, "newer Bookshelf"),
        (&full, &sqlite("newer.db"), 1, "newer Bookshelf"),
        (&full, "postgres://ann:hunter2@127.0.0.1:1/books", 1, "cannot connect"),
    ] {
        let refused = copy(app.program(), from, to);
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
        let lines = refused.stderr.lines().filter(|line| !line.contains("in the command line"));
        assert_eq!(lines.count(), 1, "{refused:?}");
        assert!(!refused.stderr.contains("hunter2") && refused.stdout.is_empty(), "{refused:?}");
    }
    assert!(!folder.join("missing.db").exists());
}

#[test]
fn the_urls_of_a_copy_may_come_from_files_and_the_environment() {
    let app = App::start();
    fill(&app);
    let folder = app.program().folder().to_owned();
    let url = |name: &str| format!("sqlite://{}", folder.join(name).display());
    fs::write(folder.join("from"), app.database_url() + "\n").unwrap();
    fs::write(folder.join("to"), url("by_file.db")).unwrap();
    let by_file = ["db", "copy", "--from-file", "from", "--to-file", "to"];
    let copied = app.program().run(&by_file).done();
    let from = folder.join("from").to_str().unwrap().to_owned();
    let target = url("by_variable.db");
    let variables =
        [("DATABASE_COPY_FROM_FILE", from.as_str()), ("DATABASE_COPY_TO", target.as_str())];
    let rows = |output: &Output| {
        output.stdout.lines().filter(|line| line.contains("sha256")).map(str::to_owned).collect()
    };
    let program = Program::new(&folder, &variables);
    let again = program.run(&["db", "copy"]).done();
    let (first, second): (Vec<_>, Vec<_>) = (rows(&copied), rows(&again));
    assert!(!first.is_empty());
    assert_eq!(first, second);
    fs::write(folder.join(".env"), format!("DATABASE_COPY_TO={}\n", url("by_dot_env.db"))).unwrap();
    app.program().run(&["db", "copy", "--from-file", "from"]).done();
    fs::remove_file(folder.join(".env")).unwrap();

    let secret = "postgres://ann:hunter2@127.0.0.1:1/books";
    fs::write(folder.join("secret"), secret).unwrap();
    let refused = app.program().run(&["db", "copy", "--from-file", "secret", "--to-file", "to"]);
    assert!(refused.stderr.contains("cannot connect"), "{refused:?}");
    assert!(!refused.stderr.contains("hunter2") && !refused.stderr.contains("command line"));
    let shown = app.program().run(&["db", "copy", "--from", secret, "--to-file", "to"]);
    assert!(shown.stderr.contains("in the command line"), "{shown:?}");
    for arguments in [
        &["db", "copy", "--from-file", "from"][..],
        &["db", "copy", "--from-file", "none", "--to-file", "to"],
        &["db", "copy", "--from-file", "from", "--from", secret, "--to-file", "to"],
    ] {
        let refused = app.program().run(arguments);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    }
    let both = Program::new(&folder, &[("DATABASE_COPY_TO", "x"), ("DATABASE_COPY_TO_FILE", "to")]);
    assert!(both.run(&["db", "copy", "--from-file", "from"]).stderr.contains("keep one"));
}

/// Starts a copy of many books, and returns when it is in the middle.
fn under_way(app: &App, to: &str) -> Child {
    let folder = app.program().folder();
    let verbose = Program::new(folder, &[("BOOKSHELF_LOG", "bookshelf_infrastructure=debug")]);
    let (from, copied) = (app.database_url(), "\"message\":\"copied\"");
    let mut child = verbose.start(&["db", "copy", "--from", &from, "--to", to]);
    let log = BufReader::new(child.stderr.as_mut().unwrap());
    let is_copying = |line: &String| line.contains(copied) && line.contains("books");
    assert!(log.lines().map_while(Result::ok).any(|line| is_copying(&line)));
    child
}

fn with_many_books() -> App {
    let app = App::start();
    let line = |n| format!("{{\"title\":\"Title {n}\",\"author\":\"Author {n}\"}}\n");
    let lines: String = (0..10_000).map(line).collect();
    fs::write(app.program().folder().join("many.ndjson"), lines).unwrap();
    app.program().run(&["import", "many.ndjson", "--strict"]).done();
    app
}

#[test]
fn a_copy_that_is_killed_leaves_its_target_empty() {
    let app = with_many_books();
    let folder = app.program().folder();
    for postgres in [true, false] {
        let Some(target) = Target::make(postgres, folder, "target.db") else { continue };
        let mut child = under_way(&app, &target.url);
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it had ended");
        // Which a target that is not empty would refuse.
        copy(app.program(), &app.database_url(), &target.url).done();
    }
}

#[test]
fn a_copy_that_loses_its_target_says_so_and_leaves_it_empty() {
    let Some(target) = TestDatabase::create() else { return };
    let app = with_many_books();
    let link = Link::to(target.url());
    let mut child = under_way(&app, link.url());
    link.cut();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("nothing was copied: the target cannot be written"), "{said}");
    copy(app.program(), &app.database_url(), target.url()).done();
}
