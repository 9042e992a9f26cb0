use std::fs::{self, File, Permissions};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use crate::{postgres, servers};

const PATIENCE: Duration = Duration::from_secs(60);

/// A PostgreSQL that one test has for itself, with the default settings, so that the test can stop
/// it. Dropping it stops it and deletes its files.
pub struct PostgresServer {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    process: Mutex<Option<Child>>,
}

impl PostgresServer {
    /// Makes a cluster and starts it. Returns nothing if the tests have no programs of PostgreSQL.
    pub fn start() -> Option<Self> {
        let programs = PathBuf::from(servers::postgres_programs()?);
        let folder = tempfile::tempdir().unwrap();
        let server = Self { programs, folder, port: free_port(), process: Mutex::new(None) };
        server.make_cluster();
        server.start_again();
        Some(server)
    }

    /// The URL of its database, which is empty at first.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server as a crash would: without writing anything, and without a word to clients.
    pub fn stop_immediately(&self) {
        let Some(mut postmaster) = self.process.lock().unwrap().take() else { return };
        kill_process(Pid::from_child(&postmaster), Signal::QUIT).unwrap();
        postmaster.wait().unwrap();
    }

    /// Starts the server after a stop, and waits until it answers.
    pub fn start_again(&self) {
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = self.command("postgres");
        command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories="]);
        let mut postmaster = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let patience = Instant::now() + PATIENCE;
        while !self.is_ready() {
            let has_ended = postmaster.try_wait().unwrap().is_some();
            let text = || fs::read_to_string(self.log()).unwrap();
            assert!(
                !has_ended && Instant::now() < patience,
                "PostgreSQL does not start: {}",
                text()
            );
            thread::sleep(Duration::from_millis(10));
        }
        *self.process.lock().unwrap() = Some(postmaster);
    }

    /// Stops every process of the server until [`PostgresServer::thaw`], as if it hung.
    pub fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    /// Sends a signal to the server and all its processes, the server first, so that it starts no
    /// more of them (Linux: proc(5)).
    fn signal_all(&self, signal: Signal) {
        let process = self.process.lock().unwrap();
        let Some(postmaster) = &*process else { return };
        kill_process(Pid::from_child(postmaster), signal).unwrap();
        let id = postmaster.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        for child in children.split_whitespace() {
            let child = Pid::from_raw(child.parse().unwrap()).unwrap();
            // It may have ended meanwhile.
            let _: Result<(), Errno> = kill_process(child, signal);
        }
    }

    /// Runs a statement outside of a transaction.
    pub fn execute(&self, statement: &str) {
        postgres::execute(&self.url(), statement);
    }

    fn is_ready(&self) -> bool {
        let mut ask = Command::new(self.programs.join("pg_isready"));
        ask.args(["--quiet", "--host", "127.0.0.1", "--port", &self.port.to_string()]);
        ask.status().unwrap().success()
    }

    fn make_cluster(&self) {
        fs::create_dir(self.cluster()).unwrap();
        if is_root() {
            chown(self.cluster(), Some(NOBODY), Some(NOBODY)).unwrap();
            // The owner of the cluster must be able to pass through the folder of root.
            fs::set_permissions(self.folder.path(), Permissions::from_mode(0o711)).unwrap();
        }
        let mut initdb = self.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        let output = initdb.arg("--no-sync").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A program of PostgreSQL on the cluster. PostgreSQL refuses root, so root starts it as another
    /// user. It ends when the test does, however that ends.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if is_root() {
            let id = NOBODY.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        }
        command.arg(self.programs.join(program)).arg("-D").arg(self.cluster());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    fn cluster(&self) -> PathBuf {
        self.folder.path().join("cluster")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.thaw();
        self.stop_immediately();
    }
}

/// The user and group `nobody`.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    getuid().is_root()
}

/// A port below the range from which the system assigns ports, so that no other program gets it while
/// the server is stopped.
fn free_port() -> u16 {
    let from = RandomState::new().hash_one(0) % 12_000;
    let ports = (0..12_000).map(|step| 20_000 + ((from + step) % 12_000) as u16);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.into_iter().find(is_free).unwrap()
}
