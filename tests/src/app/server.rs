use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Link, PostgresServer};

use super::database::{Database, FILE, on_postgres};
use super::{Client, Login, Program, Wire};

/// A running server. Dropping it kills the server and deletes its files.
pub struct App {
    address: SocketAddr,
    server: Child,
    program: Program,
    database: Database,
    _folder: TempDir,
}

pub(super) const PASSWORD: &str = "correct horse battery";

impl App {
    /// Starts a server on an empty database of the kind that this test target tests.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with these settings, given as environment variables.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let folder = data_folder();
        let database = Database::make(folder.path());
        Self::on(database, folder, settings)
    }

    /// Starts as many servers as may share one database: two on PostgreSQL, one on SQLite.
    pub fn several(settings: &[(&str, &str)]) -> Vec<Self> {
        let first = Self::with(settings);
        let second =
            on_postgres().then(|| Self::on(first.database.clone(), data_folder(), settings));
        [Some(first), second].into_iter().flatten().collect()
    }

    /// Starts a server that reaches PostgreSQL by a [`Link`], and returns both.
    pub fn linked() -> (Self, Link) {
        Self::linked_with(&[])
    }

    /// The same with other settings.
    pub fn linked_with(settings: &[(&str, &str)]) -> (Self, Link) {
        let folder = data_folder();
        let database = Database::make(folder.path());
        let Database::Postgres(place) = &database else { panic!("SQLite has no link") };
        let link = Link::to(place.url());
        let settings = [settings, &[("DATABASE_URL", link.url())]].concat();
        (Self::on(database, folder, &settings), link)
    }

    /// Starts a server on the empty database of a PostgreSQL that the test has for itself.
    pub fn on_own_postgres(postgres: &PostgresServer, settings: &[(&str, &str)]) -> Self {
        Self::on(Database::Own(postgres.url()), data_folder(), settings)
    }

    /// Restores a backup into an empty data directory, and starts a server there.
    pub fn restored(backup: &Path) -> Self {
        let folder = data_folder();
        let program = Program::new(folder.path(), &Database::Sqlite.settings());
        program.run(&["restore", backup.to_str().unwrap()]).done();
        Self::on(Database::Sqlite, folder, &[])
    }

    fn on(database: Database, folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let settings = [&database.settings(), settings].concat();
        let program = Program::new(folder.path(), &settings);
        let (server, address) = serve(&program);
        Self { address, server, program, database, _folder: folder }
    }

    /// The command line with the same data directory.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The log of the server since its last start.
    pub fn log(&self) -> String {
        fs::read_to_string(self.program.folder().join(LOG)).unwrap()
    }

    /// The log as soon as it has `text`, because a request may be answered before its lines are
    /// written.
    pub fn log_until(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(Instant::now() < deadline, "no {text:?} in the log:\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The most memory that the server has had at once since its start, in bytes (Linux: proc(5)).
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        1024 * peak.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap()
    }

    /// Kills the server with SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    /// Starts the server again, on another port.
    pub fn restart(&mut self) {
        self.kill();
        (self.server, self.address) = serve(&self.program);
    }

    /// Starts the server again with other settings.
    pub fn restart_with(&mut self, settings: &[(&str, &str)]) {
        self.program.set(settings);
        self.restart();
    }

    /// The URL of the database.
    pub fn database_url(&self) -> String {
        match &self.database {
            Database::Sqlite => format!("sqlite://{}", self.program.folder().join(FILE).display()),
            Database::Postgres(database) => database.url().to_owned(),
            Database::Own(url) => url.clone(),
        }
    }

    /// Runs SQLite's check of the database file.
    pub fn integrity(&self) -> String {
        let file = self.program.folder().join(FILE);
        let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        diesel::dsl::sql::<Text>("PRAGMA integrity_check").get_result(&mut connection).unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A bare connection, for bytes that no client library would send.
    pub fn connect(&self) -> Wire {
        Wire::connect(self.address)
    }

    /// A client without credentials.
    pub fn anonymous(&self) -> Client {
        Client::new(self.url())
    }

    /// A client of the listener for metrics, which a setting must have turned on.
    pub fn operator(&self) -> Client {
        let address = self.log().lines().find_map(|line| address_in(line, "serving metrics"));
        Client::new(format!("http://{}", address.unwrap()))
    }

    /// Registers a user and logs in.
    pub fn user(&self, name: &str) -> Client {
        let email = format!("{name}@example.com");
        let registration = json!({"email": email, "password": PASSWORD, "username": name});
        self.anonymous().post("/api/v1/auth/register", registration).expect(201);
        self.login(&email)
    }

    /// Creates an admin on the command line and logs in.
    pub fn admin(&self) -> Client {
        self.admin_called("admin")
    }

    /// The same with another name, for tests with several admins.
    pub fn admin_called(&self, name: &str) -> Client {
        let email = format!("{name}@example.com");
        let create = ["admin", "create", "--email", &email, "--password-stdin"];
        self.program.run_with_input(&create, PASSWORD).done();
        self.login(&email)
    }

    /// Opens another session of an existing user.
    pub fn login(&self, email: &str) -> Client {
        let credentials = json!({"email": email, "password": PASSWORD});
        let answer = self.anonymous().post("/api/v1/auth/login", credentials).expect(200);
        self.anonymous().bearing(Login::from(answer.data()))
    }
}

impl Drop for App {
    /// Kills the server and asserts that it logged no secrets.
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            return;
        }
        let log = self.log();
        // Passwords, their hashes, the tokens of sessions and invitations, and API keys.
        for secret in [PASSWORD, "$2b$", "bkr_", "eyJ", "bks_", "bki_"] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "a secret was logged: {secret}");
        }
    }
}

const LOG: &str = "log";

fn data_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    folder
}

/// Starts the server and waits until it listens.
fn serve(program: &Program) -> (Child, SocketAddr) {
    let log = program.folder().join(LOG);
    let mut server = program
        .command(&["serve"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let text = fs::read_to_string(&log).unwrap();
        if let Some(address) = text.lines().find_map(|line| address_in(line, "listening")) {
            return (server, address);
        }
        let has_ended = server.try_wait().unwrap().is_some();
        assert!(!has_ended && Instant::now() < patience, "the server does not start: {text}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// The address that a line with this message names.
fn address_in(line: &str, message: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line["message"] != message {
        return None;
    }
    line["address"].as_str()?.parse().ok()
}
