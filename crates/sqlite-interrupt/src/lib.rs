//! Stops the statements of SQLite that a thread runs.
//!
//! SQLite stops a statement when its connection's progress handler asks for it. Diesel gives no
//! access to the handler, so SQLite itself installs it on every connection that the program opens.
//! This is the only crate of the workspace that calls C functions. It has no other task.

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::OnceLock;

use libsqlite3_sys::{
    SQLITE_OK, sqlite3, sqlite3_api_routines, sqlite3_auto_extension, sqlite3_progress_handler,
};

/// The number of instructions of SQLite's virtual machine between two questions. They take some
/// microseconds, which is much more than a question takes.
const INSTRUCTIONS: c_int = 1000;

type Stop = Box<dyn Fn() -> bool>;

thread_local! {
    static STOP: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// SQLite refused to install the progress handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotInstalled;

impl std::fmt::Display for NotInstalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SQLite refused to install the progress handler")
    }
}

impl std::error::Error for NotInstalled {}

/// Makes statements on connections that are opened from now on stoppable. It may be called often.
pub fn install() -> Result<(), NotInstalled> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        #[expect(unsafe_code, reason = "Diesel gives no access to the progress handler")]
        // SAFETY: the function has the signature of an entry point of an extension and lives as long
        // as the program.
        let code = unsafe { sqlite3_auto_extension(Some(on_open)) };
        code == SQLITE_OK
    });
    if *installed { Ok(()) } else { Err(NotInstalled) }
}

/// Does the work. A statement that it runs on this thread ends with the error "interrupted" soon
/// after `stop` returns true. `stop` must not run statements itself.
///
/// Work within the work replaces `stop` and leaves none, so it is not stopped after that.
pub fn stopping_when<T>(stop: impl Fn() -> bool + 'static, work: impl FnOnce() -> T) -> T {
    /// Forgets `stop`, also if the work panics.
    struct Forget;
    impl Drop for Forget {
        fn drop(&mut self) {
            STOP.take();
        }
    }
    STOP.set(Some(Box::new(stop)));
    let _forget = Forget;
    work()
}

/// SQLite calls this for every new connection.
#[expect(unsafe_code, reason = "Diesel gives no access to the progress handler")]
unsafe extern "C" fn on_open(
    connection: *mut sqlite3,
    _: *mut *mut c_char,
    _: *const sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite passes the connection that it opens. The handler lives as long as the program
    // and ignores its argument.
    unsafe {
        sqlite3_progress_handler(connection, INSTRUCTIONS, Some(should_stop), ptr::null_mut());
    }
    SQLITE_OK
}

/// SQLite calls this on the thread that runs a statement. A result other than 0 stops the statement.
extern "C" fn should_stop(_: *mut c_void) -> c_int {
    let asked = STOP.try_with(|stop| {
        stop.try_borrow().is_ok_and(|stop| stop.as_ref().is_some_and(|stop| stop()))
    });
    // The thread ends, so nobody waits for the statement any more.
    asked.unwrap_or(true).into()
}
