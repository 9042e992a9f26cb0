//! The command line, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// A folder in which commands run, without the environment of the test.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bookshelf"));
        command.args(line.split_whitespace()).env_clear().current_dir(self.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Ran {
        Ran::from(self.command(line).output().unwrap())
    }

    fn run_with_input(&self, line: &str, input: &str) -> Ran {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }
}

/// How a command ended.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// Asserts this exit code and returns the one line of its error.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(code), ""), "{}", self.err);
        let lines: Vec<_> = self.err.lines().filter(|line| !line.starts_with('{')).collect();
        assert_eq!(lines.len(), 1, "{}", self.err);
        lines[0].strip_prefix("bookshelf: ").unwrap().to_owned()
    }
}

const CHEAP: &str = "--insecure-test-settings --bcrypt-cost 4";

#[test]
fn every_command_has_help() {
    let place = Place::new();
    let help = place.run("--help").ok();
    for word in
        ["serve", "migrate", "admin", "db", "import", "export", "openapi", "config", "health"]
    {
        assert!(help.contains(word), "{word}");
        let own = place.run(&format!("{word} --help")).ok();
        assert!(own.contains("Usage: bookshelf"), "{own}");
    }
    for part in ["Examples:", "Exit codes:", "--listen", "BOOKSHELF_LISTEN", "[default: 15m]"] {
        assert!(help.contains(part), "{part}");
    }
    let short = place.run("import -h").ok();
    assert!(short.contains("--rejects") && !short.contains("--bcrypt-cost"), "{short}");
    assert!(place.run("--version").ok().starts_with("bookshelf "));
    assert!(place.run("completions bash").ok().contains("_bookshelf"));
    assert!(place.path().read_dir().unwrap().next().is_none(), "help creates no files");
}

#[test]
fn the_manual_pages_describe_every_setting_and_every_command() {
    let place = Place::new();
    place.run("man .").ok();
    let page = place.read("bookshelf.1").replace("\\-", "-");
    assert!(
        page.contains("--access-token-ttl") && page.contains("How long an access token is valid")
    );
    assert!(page.contains("--insecure-test-settings") && page.contains("too weak for anything"));
    assert!(place.read("bookshelf-admin-create.1").contains("bookshelf admin create"));
    assert!(place.run("man none").failed(1).contains("cannot write manual pages to none"));
}

#[test]
fn wrong_arguments_exit_with_code_2() {
    let place = Place::new();
    for line in ["sevre", "import", "import a.csv --on-conflict maybe", "serve --port 1"] {
        assert_eq!(place.run(line).code, Some(2), "{line}");
    }
    assert!(place.run("import books.txt").failed(2).contains("--format csv"));
}

#[test]
fn settings_come_from_flags_environment_and_file_in_this_order() {
    let place = Place::new();
    place.write("c.toml", "workers = 4\naccess_token_ttl = \"4m\"\nlog = \"debug\"\nhsts = false");
    place.write(".env", "BOOKSHELF_WORKERS=3\nBOOKSHELF_ACCESS_TOKEN_TTL=3m\nBOOKSHELF_LOG=warn\n");
    let mut command = place.command("--config c.toml config --workers 1");
    command.env("BOOKSHELF_WORKERS", "2").env("BOOKSHELF_ACCESS_TOKEN_TTL", "2m");
    command.env("BOOKSHELF_JWT_SECRET", "an open secret of thirty-two bytes");
    let shown = Ran::from(command.output().unwrap()).ok();
    let line = |key: &str| {
        let line = shown.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("workers"), "workers = \"1\" # --workers");
    assert_eq!(
        line("access_token_ttl"),
        "access_token_ttl = \"2m\" # BOOKSHELF_ACCESS_TOKEN_TTL (environment)"
    );
    assert_eq!(line("log "), "log = \"warn\" # BOOKSHELF_LOG (.env)");
    assert_eq!(line("hsts"), "hsts = \"false\" # hsts (c.toml)");
    assert_eq!(line("bcrypt_cost"), "bcrypt_cost = \"12\" # bcrypt_cost (default)");
    assert!(!shown.contains("open secret"), "{shown}");
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_line() {
    let place = Place::new();
    place.write("c.toml", "prot = 1");
    let unknown = "c.toml: there is no setting \"prot\"; the nearest one is ";
    assert!(place.run("--config c.toml").failed(2).starts_with(unknown));
    let mut command = place.command("serve");
    let ran = Ran::from(command.env("BOOKSHELF_LISTNE", "hunter2").output().unwrap());
    let line = ran.failed(2);
    assert_eq!(
        line,
        "BOOKSHELF_LISTNE (environment) is not a setting: the nearest one is BOOKSHELF_LISTEN; \
         correct the name or unset it"
    );
    assert!(place.run("serve --listen here").failed(2).starts_with("--listen must be an address"));
    let mut command = place.command("migrate");
    let ran =
        command.env("DATABASE_URL", "postgres://ann:hunter2@db/books?sslmode=on").output().unwrap();
    let line = Ran::from(ran).failed(2);
    assert!(line.contains("DATABASE_URL (environment)") && line.contains("sslmode"), "{line}");
    assert!(!line.contains("hunter2"));
    assert!(!place.path().join("data").exists());
}

const BOOKS: &str = "\u{feff}Year,Title,Author,ISBN,Shop\r\n\
    2008.0,\"Clean, \"\"Code\"\"\",Robert C. Martin,\"=\"\"0132350882\"\"\",x\r\n\
    -720,The Iliad,Homer,,x\r\n\
    ,,Nobody,12,x\r\n\
    1999,=1+1,Formula,,x\r\n\
    2000,short\r\n";

#[test]
fn a_file_is_imported_only_once_and_its_export_can_be_imported() {
    let place = Place::new();
    place.write("books.csv", BOOKS);
    let dry = place.run("import books.csv --dry-run").ok();
    let summary = "dry run, nothing written: 3 created, 0 updated, 0 skipped, 2 rejected of 5 rows";
    assert!(dry.starts_with(summary), "{dry}");
    let first = place.run("import books.csv --rejects bad.csv");
    assert!(first.err.contains("ignored columns: Shop"), "{}", first.err);
    assert!(first.err.contains("line 6: author is required"), "{}", first.err);
    assert!(first.ok().starts_with("3 created, 0 updated, 0 skipped, 2 rejected"));
    assert_eq!(
        place.read("bad.csv"),
        "error,Year,Title,Author,ISBN,Shop\n\
         \"isbn must have 10 or 13 digits, not 2; title is required\",,,Nobody,12,x\n\
         author is required,2000,short\n"
    );
    let again = place.run("import books.csv --strict --on-conflict update");
    assert_eq!(again.code, Some(1));
    assert!(again.out.starts_with("0 created, 0 updated, 3 skipped, 2 rejected"), "{}", again.out);

    place.run("export out.csv").ok();
    let csv = "title,author,isbn,genre,year,description\n\
        \"Clean, \"\"Code\"\"\",Robert C. Martin,9780132350884,,2008,\n\
        The Iliad,Homer,,,-720,\n\
        '=1+1,Formula,,,1999,\n";
    assert_eq!(place.read("out.csv"), csv);
    let lines = place.run("export - --format ndjson").ok();
    assert_eq!(lines.lines().count(), 3);

    let there = place.run_with_input("import - --format ndjson --strict --data-dir b", &lines);
    assert!(there.ok().starts_with("3 created"));
    assert_eq!(place.run("export - --format csv --data-dir b").ok(), csv);
    assert!(place.run("import out.csv --rejects ./out.csv").failed(2).contains("--rejects"));
    assert!(place.run("import none.csv").failed(1).contains("cannot read none.csv"));
}

/// Runs commands in a shell in which no file can grow beyond so many blocks of 512 bytes.
fn with_small_files(place: &Place, blocks: u32, on_excess: &str, line: &str) -> Output {
    let script = format!("{on_excess}; ulimit -f {blocks}; exec \"$0\" {line}");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_bookshelf")]);
    shell.env_clear().current_dir(place.path()).output().unwrap()
}

/// A file of so many books of about a KiB.
fn large(books: usize) -> String {
    let prose = "x".repeat(1000);
    let rows = (0..books).map(|number| format!("Title {number},Ann,{prose}\n"));
    std::iter::once("title,author,description\n".to_owned()).chain(rows).collect()
}

fn names(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.path()).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_interrupted_export_leaves_the_earlier_file() {
    let place = Place::new();
    place.write("books.csv", &large(2000));
    place.run("import books.csv").ok();
    place.write("out.csv", "earlier");
    let full = with_small_files(&place, 1000, "trap '' XFSZ", "export out.csv");
    let error = String::from_utf8(full.stderr).unwrap();
    assert!(error.contains("cannot write out.csv"), "{error}");
    assert_eq!(full.status.code(), Some(1));
    assert_eq!(place.read("out.csv"), "earlier");
    assert_eq!(names(&place), ["books.csv", "data", "out.csv"]);
    // Here the signal kills the process.
    assert_eq!(with_small_files(&place, 1000, ":", "export out.csv").status.code(), None);
    assert_eq!(place.read("out.csv"), "earlier");
    place.run("export out.csv").ok();
    assert!(place.read("out.csv").starts_with("title,author"));
    assert!(place.run("export none/out.csv").failed(1).contains("cannot write none/out.csv"));
    // No user can create a file there.
    let error = place.run("export /sys/out.csv").failed(1);
    assert!(error.contains("its folder must be writable"), "{error}");
}

#[test]
fn an_export_keeps_the_permissions_and_the_link_of_the_earlier_file() {
    let mode = |place: &Place, name: &str| {
        place.path().join(name).metadata().unwrap().permissions().mode() & 0o777
    };
    let place = Place::new();
    place.run("export - --format csv").ok();
    for name in ["secret.csv", "rejects.csv"] {
        place.write(name, "earlier");
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(place.path().join(name), private).unwrap();
    }
    symlink("secret.csv", place.path().join("link.csv")).unwrap();
    place.run("export link.csv").ok();
    assert!(place.read("secret.csv").starts_with("title"));
    assert!(place.path().join("link.csv").is_symlink());
    place.write("books.csv", "title,author\nA,\n");
    place.run("import books.csv --rejects rejects.csv").ok();
    assert!(place.read("rejects.csv").starts_with("error"));
    assert_eq!((mode(&place, "secret.csv"), mode(&place, "rejects.csv")), (0o600, 0o600));
    // A new file has the permissions that the umask of the process allows.
    place.run("export new.csv").ok();
    place.write("by_test.csv", "");
    assert_eq!(mode(&place, "new.csv"), mode(&place, "by_test.csv"));
    place.run("export /dev/null --format csv").ok();
}

#[test]
fn an_import_that_ends_early_reports_what_it_did() {
    let place = Place::new();
    place.run("migrate").ok();
    place.write("books.csv", &(large(20_000) + ",Nobody,\n"));
    place.write("bad.csv", "earlier");
    let line = "import books.csv --rejects bad.csv";
    let full = with_small_files(&place, 16_000, "trap '' XFSZ", line);
    let (out, error) =
        (String::from_utf8(full.stdout).unwrap(), String::from_utf8(full.stderr).unwrap());
    assert_eq!(full.status.code(), Some(1), "{error}");
    assert!(error.contains("run the import again to import the rest"), "{error}");
    let created: u64 = out.split(' ').next().unwrap().parse().unwrap();
    assert!(created > 0 && created.is_multiple_of(500), "{out}");
    let summary = format!("{created} created, 0 updated, 0 skipped, 0 rejected of {created} rows");
    assert!(out.starts_with(&summary), "{out}");
    assert_eq!(place.read("bad.csv"), "earlier");
    let exported = place.run("export - --format ndjson").ok();
    assert_eq!(exported.lines().count() as u64, created);
    let again = place.run(line).ok();
    let summary = format!("{} created, 0 updated, {created} skipped, 1 rejected", 20_000 - created);
    assert!(again.starts_with(&summary), "{again}");
    assert!(place.read("bad.csv").contains("Nobody"));
}

#[test]
fn an_import_that_is_cancelled_reports_what_it_did() {
    let place = Place::new();
    place.run("migrate").ok();
    place.write("bad.csv", "earlier");
    let line = "import - --format csv --rejects bad.csv";
    let mut child = place.command(line).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let file = large(5000);
    let (start, rest) = file.split_at(file.len() - 1000);
    input.write_all(start.as_bytes()).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    thread::sleep(Duration::from_millis(200));
    // The import may have ended already.
    input.write_all(rest.as_bytes()).ok();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("interrupted"), "{}", ran.err);
    assert_eq!(place.read("bad.csv"), "earlier");
    let created: usize = ran.out.split(' ').next().unwrap().parse().unwrap();
    let exported = place.run("export - --format ndjson").ok();
    assert_eq!(exported.lines().count(), created);
}

#[test]
fn a_database_of_another_schema_version_is_refused() {
    let commands = |place: &Place, more: &str| {
        place.write("books.csv", "title,author\nA,B\n");
        let admin = format!("admin create --email ann@example.com --password-stdin {CHEAP} {more}");
        [
            place.run(&format!("import books.csv {more}")),
            place.run(&format!("export out.csv {more}")),
            place.run_with_input(&admin, "correct horse\n"),
        ]
    };
    let database = |place: &Place, statements: &str| {
        let path = place.path().join("data/bookshelf.db");
        let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        database.batch_execute(statements).unwrap();
    };
    // A database that only the first migration has made.
    let migrations = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite"));
    let mut names: Vec<_> =
        migrations.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let first = names.first().unwrap().to_str().unwrap();
    let version = first.split('_').next().unwrap().replace('-', "");
    let up = std::fs::read_to_string(migrations.join(first).join("up.sql")).unwrap();
    let place = Place::new();
    place.run("migrate status").ok();
    database(
        &place,
        &format!("{up}; INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"),
    );
    let status = place.run("migrate status").ok();
    assert!(status.contains("applied") && status.contains("pending"), "{status}");
    for ran in commands(&place, "") {
        let error = ran.failed(1);
        assert!(error.contains("bookshelf migrate") && error.contains("--migrate"), "{error}");
    }
    assert_eq!(place.run("migrate status").ok(), status);
    for ran in commands(&place, "--migrate") {
        ran.ok();
    }
    assert!(!place.run("migrate status").ok().contains("pending"));
    for ran in commands(&place, "") {
        assert!(!ran.err.contains("schema"), "{}", ran.err);
    }
    // One that a later version has migrated.
    database(&place, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231')");
    for more in ["", "--migrate"] {
        for ran in commands(&place, more) {
            assert!(ran.failed(1).contains("later version"));
        }
    }
    for command in ["serve", "migrate", "verify"] {
        let error = place.run(command).failed(1);
        assert!(error.contains("later version") && error.contains("backup"), "{error}");
    }
}

#[test]
fn a_database_is_copied_before_it_is_migrated() {
    let place = Place::new();
    let copies = || {
        let entries = place.path().join("data").read_dir().unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("before-migration-")).collect::<Vec<_>>()
    };
    place.write("books.csv", "title,author\nDune,Herbert\n");
    place.run("import books.csv").ok();
    assert!(copies().is_empty(), "a new database has nothing to lose");
    let outdate = || {
        let path = place.path().join("data/bookshelf.db");
        let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        database.batch_execute("UPDATE books SET title_sort = x''").unwrap();
    };
    outdate();
    place.run("migrate").ok();
    let [copy] = &copies()[..] else { panic!("{:?}", copies()) };
    assert!(place.run(&format!("verify --database-url sqlite://data/{copy}")).code.is_some());
    outdate();
    place.run("migrate --backup-before-migration false").ok();
    assert_eq!(copies().len(), 1);
}

#[test]
fn a_damaged_database_is_refused_with_advice() {
    let place = Place::new();
    place.run("migrate").ok();
    place.write("data/bookshelf.db", &"no database ".repeat(1000));
    for command in ["serve", "migrate", "verify"] {
        let error = place.run(command).failed(1);
        assert!(error.contains("damaged") && error.contains("bookshelf restore"), "{error}");
    }
}

/// After an interrupted migration, an import would not find the books whose search texts are not
/// computed, and add them again.
#[test]
fn a_database_with_search_texts_of_another_version_is_refused() {
    let place = Place::new();
    place.write("books.csv", "title,author\nÉmile,Rousseau\n");
    let no_tables = place.run("serve --no-migrate").failed(1);
    assert!(no_tables.contains("bookshelf migrate"), "{no_tables}");
    place.run("import books.csv").ok();
    let path = place.path().join("data/bookshelf.db");
    let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    database.batch_execute("UPDATE books SET title_sort = x'', title_folded = '?'").unwrap();
    for command in ["import books.csv", "export out.csv", "serve --no-migrate"] {
        let error = place.run(command).failed(1);
        assert!(error.contains("bookshelf migrate"), "{error}");
    }
    let out = place.run("import books.csv --migrate").ok();
    assert!(out.starts_with("0 created, 0 updated, 1 skipped"), "{out}");
}

#[test]
fn the_first_admin_is_created_on_the_command_line() {
    let place = Place::new();
    let create = format!("admin create --email ann@example.com {CHEAP}");
    assert!(place.run(&create).failed(2).contains("--password-stdin"));
    let create = format!("{create} --password-stdin");
    assert!(place.run_with_input(&create, "short\n").failed(1).contains("password must be 8 to"));
    assert!(place.run_with_input(&create, "").failed(1).contains("no password"));
    let made = place.run_with_input(&create, "correct horse\n").ok();
    assert_eq!(made, "created the admin ann@example.com (user 1)\n");
    assert!(place.run_with_input(&create, "correct horse\n").failed(1).contains("promote"));
    place.run(&format!("admin promote --email ANN@example.com {CHEAP}")).ok();
    let nobody = format!("admin promote --email bob@example.com {CHEAP}");
    assert!(place.run(&nobody).failed(1).contains("no user with this email"));
    let reset = format!("admin reset-password --email ann@example.com --password-stdin {CHEAP}");
    place.run_with_input(&reset, "battery staple\n").ok();
}

#[test]
fn migrations_are_applied_once_and_listed() {
    let place = Place::new();
    let pending = place.run("migrate status").ok();
    assert!(pending.lines().count() > 0 && pending.lines().all(|l| l.starts_with("pending ")));
    assert_eq!(place.run("migrate").ok(), pending.replace("pending", "applied"));
    assert_eq!(place.run("migrate").ok(), "the database is up to date\n");
    assert_eq!(place.run("migrate status").ok(), pending.replace("pending", "applied"));
}

#[test]
fn openapi_prints_the_document() {
    let document: Value = serde_json::from_str(&Place::new().run("openapi").ok()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"].as_object().unwrap().len() > 5);
    let older = Place::new().run("openapi --3.0").ok();
    let older: Value = serde_json::from_str(&older).unwrap();
    assert_eq!(older["openapi"], "3.0.3");
    assert_eq!(
        older["paths"].as_object().unwrap().len(),
        document["paths"].as_object().unwrap().len()
    );
}

/// A server that is killed when the test ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _: Result<(), _> = self.0.kill();
        let _: Result<_, _> = self.0.wait();
    }
}

#[test]
fn a_server_logs_its_address_and_stops_on_a_signal() {
    let place = Place::new();
    let child = place.command("--listen 127.0.0.1:0 --workers 1").spawn().unwrap();
    let mut server = Server(child);
    let mut log = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let mut events = std::iter::from_fn(|| Some(log.next()?.unwrap()))
        .map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let listening = events.find(|event| event["message"] == "listening").unwrap();
    let address = listening["address"].as_str().unwrap();
    place.run(&format!("health --url http://{address}")).ok();
    place.run(&format!("health --listen {address} --ready")).ok();
    assert!(place.run("health --listen 127.0.0.1:0").failed(2).contains("--url"));
    // A second server cannot use the port, and does not disturb the first.
    let second = place.run(&format!("serve --listen {address}"));
    assert!(second.failed(1).starts_with(&format!("cannot listen on {address}")));
    // A file can be imported while the server runs.
    place.write("books.csv", BOOKS);
    assert!(place.run("import books.csv").ok().starts_with("3 created"));

    kill_process(Pid::from_child(&server.0), Signal::TERM).unwrap();
    assert!(events.any(|event| event["message"] == "stopped"));
    assert_eq!(server.0.wait().unwrap().code(), Some(0));
    assert!(!place.path().join("data/bookshelf.db-wal").exists(), "the database was closed");
    assert!(
        place.run(&format!("health --url http://{address}")).failed(1).contains("is not healthy")
    );
}

/// Starts a server with these flags and asks it for its health.
fn serves_with(flags: &str) {
    let place = Place::new();
    let line = format!("serve {flags} --listen 127.0.0.1:0 --log-format json");
    let mut server = Server(place.command(&line).spawn().unwrap());
    let log = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let lines = log.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut lines = lines.inspect(|line| assert_ne!(line["level"], "ERROR", "{flags}: {line}"));
    let address = lines.find(|line| line["message"] == "listening");
    let address = address.unwrap()["address"].as_str().unwrap().to_owned();
    place.run(&format!("health --url http://{address}")).ok();
    let mut response = ureq::get(format!("http://{address}/api/v1/books")).call().unwrap();
    assert!(response.body_mut().read_to_string().unwrap().contains("\"success\":true"));
    let signal = |signal| kill_process(Pid::from_child(&server.0), signal).unwrap();
    signal(Signal::TERM);
    // Nobody waits for the longest delay. Two signals that arrive at once have no order.
    let drains = flags.contains("--drain-delay 36500days");
    if drains {
        assert!(lines.any(|line| line["message"] == "stopping"));
        signal(Signal::INT);
    }
    let code = if drains { 130 } else { 0 };
    assert_eq!(server.0.wait().unwrap().code(), Some(code), "{flags}");
}

/// The flags of all settings with bounds, as the help tells them: all at their least value, and all
/// at their largest.
fn flags_at_bounds(help: &str) -> [String; 2] {
    let text = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut flags = [String::new(), String::new()];
    for setting in text.split(" --").filter(|setting| setting.contains("[from ")) {
        let name = setting.split(' ').next().unwrap();
        let bounds = setting.split("[from ").nth(1).unwrap().split(']').next().unwrap();
        let (least, most) = bounds.split_once(" to ").unwrap();
        flags[0] += &format!("--{name} {least} ");
        flags[1] += &format!("--{name} {most} ");
    }
    flags
}

#[test]
fn a_server_works_at_the_bounds_of_all_settings() {
    let help = Place::new().run("serve --help").ok();
    let at_bounds = flags_at_bounds(&help);
    for name in ["--workers 256 ", "--json-depth 100 ", "--shutdown-timeout 36500days "] {
        assert!(at_bounds[1].contains(name), "{at_bounds:?}");
    }
    at_bounds.iter().for_each(|flags| serves_with(flags));
    for beyond in ["--workers 0", "--workers 257", "--workers 600", "--json-limit 65537"] {
        let line = Place::new().run(&format!("serve {beyond}")).failed(2);
        assert!(line.contains("from 1 to "), "{line}");
    }
}
