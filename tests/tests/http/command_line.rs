//! What the commands do to the data of a server.

use std::fs;

use bookshelf_tests::app::{App, Program, on_postgres};
use serde_json::json;

const GOOD: &str = "correct horse battery";

#[test]
fn an_admin_is_made_once() {
    let app = App::start();
    let create = |email: &str, password: &str| {
        let arguments = ["admin", "create", "--email", email, "--password-stdin"];
        app.program().run_with_input(&arguments, password)
    };
    assert!(create("ann@example.com", GOOD).done().stdout.contains("ann@example.com"));
    for (email, password, said) in [
        ("ANN@example.com", GOOD, "promote"),
        ("bob@example.com", "short", "password"),
        ("no email", GOOD, "email"),
        ("bob@example.com", "", "password"),
    ] {
        let refused = create(email, password);
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(refused.stderr.contains(said), "{refused:?}");
    }
    assert_eq!(app.login("ann@example.com").login().user["role"], "admin");
}

#[test]
fn a_reset_password_ends_every_session() {
    let app = App::start();
    let ann = app.user("ann");
    let reset = ["admin", "reset-password", "--email", "ANN@example.com", "--password-stdin"];
    app.program().run_with_input(&reset, "a better password\n").done();
    ann.get("/api/v1/auth/me").error(401, "token_revoked");
    let body = json!({"email": "ann@example.com", "password": "a better password"});
    app.anonymous().post("/api/v1/auth/login", body).expect(200);
    let nobody = ["admin", "promote", "--email", "nobody@example.com"];
    assert_eq!(app.program().run(&nobody).code, 1);
}

#[test]
fn an_import_can_be_repeated_and_its_export_imported() {
    let app = App::start();
    let folder = app.program().folder().to_owned();
    let csv = "Title,AUTHORS,isbn13,original_publication_year,description\n\
               Clean Code,Robert C. Martin,9780132350884,2008.0,\n\
               \"Комета, или два\",Лев Толстой,,1878,\"one\n\"\"two\"\"\"\n\
               No author,,,,\n\
               Iliad,Homer,,-750,\n\
               Bad year,Somebody,,soon,\n\
               =1+1,Formula,,,\n";
    fs::write(folder.join("books.csv"), csv).unwrap();
    let import = ["import", "books.csv", "--rejects", "rejects.csv"];
    let total = || app.anonymous().get("/api/v1/books").header("x-total-count").to_owned();
    app.program().run(&["import", "books.csv", "--dry-run"]).done();
    assert_eq!(total(), "0");
    app.program().run(&import).done();
    assert_eq!(total(), "4");
    let rejects = fs::read_to_string(folder.join("rejects.csv")).unwrap();
    assert!(rejects.contains("No author") && rejects.contains("Bad year"), "{rejects}");
    assert!(!rejects.contains("Homer"), "{rejects}");
    app.program().run(&import).done();
    assert_eq!(total(), "4");
    assert_eq!(app.program().run(&["import", "books.csv", "--strict"]).code, 1);
    let first = app.anonymous().get("/api/v1/books?sort=year&order=asc").data();
    assert_eq!((&first[0]["title"], &first[0]["year"]), (&json!("Iliad"), &json!(-750)));

    let other = App::start();
    for name in ["export.csv", "export.ndjson"] {
        app.program().run(&["export", name]).done();
        let exported = fs::read(folder.join(name)).unwrap();
        fs::write(other.program().folder().join(name), &exported).unwrap();
        other.program().run(&["import", name, "--strict"]).done();
        other.program().run(&["export", name]).done();
        assert_eq!(fs::read(other.program().folder().join(name)).unwrap(), exported);
    }
}

#[test]
fn a_setting_that_cannot_be_stops_the_start_with_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bookshelf.toml"), "listne = \"x\"\n").unwrap();
    let program = Program::new(folder.path(), &[]);
    for arguments in [
        vec!["serve", "--listen", "here"],
        vec!["serve", "--config", "bookshelf.toml"],
        vec!["serve", "--database-url", "mysql://a:hunter2@b/c"],
        vec!["serve", "--jwt-secret", "too short"],
    ] {
        let refused = program.run(&arguments);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
        assert!(!refused.stderr.contains("hunter2") && refused.stdout.is_empty(), "{refused:?}");
    }
}

#[test]
fn no_secret_is_shown_or_logged() {
    let secret = "a secret of more than thirty-two bytes";
    let app = App::with(&[("BOOKSHELF_JWT_SECRET", secret), ("BOOKSHELF_LOG", "trace")]);
    let ann = app.user("ann");
    let login = ann.login().clone();
    ann.request("POST", "/api/v1/auth/refresh").bearer(&login.refresh_token).send().expect(200);
    let wrong = json!({"email": "ann@example.com", "password": "wrong horse battery"});
    app.anonymous().post("/api/v1/auth/login", wrong).expect(401);
    app.admin().get("/api/v1/auth/me").expect(200);
    ann.get("/api/v1/books?search=ann@example.com").expect(200);
    let shown = app.program().run(&["config"]).done();
    assert!(shown.stdout.contains("jwt_secret") && !shown.stdout.contains(secret));
    let log = app.log();
    assert!(log.contains("login_failed"));
    for kept in [
        secret,
        GOOD,
        "wrong horse battery",
        "ann@example.com",
        &login.access_token,
        &login.refresh_token,
        "$2b$",
    ] {
        let line = log.lines().find(|line| line.contains(kept));
        assert_eq!(line, None, "{kept}");
    }
}

#[test]
fn what_the_server_keeps_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    if on_postgres() {
        return; // It keeps nothing then.
    }
    let folder = tempfile::tempdir().unwrap();
    let program = Program::new(folder.path(), &[]);
    let status = program.run(&["migrate", "status"]);
    assert_eq!(status.code, 0, "{status:?}");
    program.run(&["migrate"]).done();
    let create = ["admin", "create", "--email", "ann@example.com", "--password-stdin"];
    program.run_with_input(&create, GOOD).done();
    let mode =
        |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("data"), 0o700);
    assert_eq!(mode("data/jwt-secret"), 0o600);
}
