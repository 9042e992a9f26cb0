//! The command line, through the real binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

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
    assert_eq!(place.run("--config c.toml").failed(2), "c.toml: there is no setting \"prot\"");
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
