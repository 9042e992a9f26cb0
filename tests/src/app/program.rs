use std::env::consts::EXE_SUFFIX;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// The command line of `bookshelf` with one data directory.
#[derive(Debug, Clone)]
pub struct Program {
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

/// Tests send more requests than the default limits allow.
const UNLIMITED: [&str; 6] = [
    "BOOKSHELF_RATE_LIMIT_LOGIN",
    "BOOKSHELF_RATE_LIMIT_LOGIN_ACCOUNT",
    "BOOKSHELF_RATE_LIMIT_REGISTER",
    "BOOKSHELF_RATE_LIMIT_PASSWORD",
    "BOOKSHELF_RATE_LIMIT_WRITE",
    "BOOKSHELF_RATE_LIMIT_READ",
];

/// The exit code and output of a command.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// Runs in `folder`, with the data directory `data` there. The environment of the tests is not
    /// passed on.
    pub fn new(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let hashing = [("BOOKSHELF_BCRYPT_COST", "4")];
        let limits = UNLIMITED.map(|name| (name, "off"));
        let defaults = [("BOOKSHELF_LISTEN", "127.0.0.1:0"), ("BOOKSHELF_LOG_FORMAT", "json")];
        let settings = hashing.iter().chain(&limits).chain(&defaults).chain(settings);
        Self {
            folder: folder.to_owned(),
            settings: settings.map(|(name, text)| ((*name).into(), (*text).into())).collect(),
        }
    }

    /// Adds settings, which take precedence over earlier ones of the same name.
    pub(super) fn set(&mut self, settings: &[(&str, &str)]) {
        self.settings.extend(settings.iter().map(|(name, text)| ((*name).into(), (*text).into())));
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&*EXECUTABLE);
        command
            .env_clear()
            .envs(self.settings.iter().map(|(name, text)| (name, text)))
            .current_dir(&self.folder)
            .arg("--insecure-test-settings")
            .args(arguments);
        command
    }

    /// Starts a command and returns without waiting for it; its standard error is a pipe.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    /// Runs a command to its end, with this text as standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Writing fails if the command ends without reading, which is fine.
        let _: std::io::Result<()> = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Output {
    /// Asserts that the command succeeded.
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// The program, built from the current code. Cargo does not build it for these tests by itself,
/// because it belongs to another package.
static EXECUTABLE: LazyLock<PathBuf> = LazyLock::new(|| {
    // <target>/<profile>/deps/<this test>
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let target = profile.parent().unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // Without --workspace, Cargo would select other features and build the dependencies again.
    build.args(["build", "--quiet", "--locked", "--workspace", "--bin", "bookshelf"]);
    build.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    build.arg("--target-dir").arg(target);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "the program does not build");
    profile.join(format!("bookshelf{EXE_SUFFIX}"))
});
