//! The command line.

use std::path::PathBuf;

use bookshelf_application::transfer::Charset;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::settings::Flags;

/// A self-hosted books API.
///
/// Without a command, it serves. A setting comes from its flag, else from its environment variable
/// (or a line of the file .env in the working directory), else from the file named by --config, else
/// it has its default. `bookshelf config` shows the settings in effect and where each comes from;
/// `bookshelf --help` lists all settings.
#[derive(Debug, Parser)]
#[command(name = "bookshelf", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// TOML file with settings, named like the variables, but without BOOKSHELF_ and in lower case
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    pub(crate) config: Option<PathBuf>,

    /// Allow settings that are too weak for anything but tests
    #[arg(long, global = true, hide_short_help = true, help_heading = "Settings")]
    pub(crate) insecure_test_settings: bool,

    #[command(flatten)]
    pub(crate) settings: Flags,
}

const EXAMPLES: &str = "\
Examples:
  bookshelf                                      serve on 127.0.0.1:8080, data in ./data
  bookshelf admin create --email ann@example.com create the first admin
  bookshelf import books.csv --dry-run           show what an import would do
  BOOKSHELF_LISTEN=0.0.0.0:80 bookshelf serve    a setting from the environment

Exit codes: 0 done, 1 failed, 2 wrong arguments or settings.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Migrate the database, then serve (the same as no command)
    Serve(ServeArgs),
    /// Apply the pending migrations of the database; several instances may do so at once
    Migrate {
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Create and change accounts
    #[command(subcommand)]
    Admin(AdminCommand),
    Import(ImportArgs),
    Export(ExportArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    /// Check the database and the covers; print a line for each fault, and exit with 1 if there is one
    ///
    /// It compares ratings, totals and covers with what they are made of, and lets SQLite check its
    /// file. Servers may be running.
    Verify,
    /// Move data between databases
    #[command(subcommand)]
    Db(DbCommand),
    /// Print the OpenAPI document of the HTTP interface
    Openapi {
        /// Print it as OpenAPI 3.0, for generators of clients that do not read 3.1
        #[arg(long = "3.0")]
        version_30: bool,
    },
    /// Print the settings in effect and where each comes from; secrets are masked
    Config {
        /// Print a file for --config instead, with every setting and its default in comments
        #[arg(long)]
        example: bool,
    },
    /// Check the health of a running server; exit code 0 if it is healthy
    Health(HealthArgs),
    /// Print a completion script for your shell
    #[command(
        after_help = "Example:\n  bookshelf completions bash > /etc/bash_completion.d/bookshelf"
    )]
    Completions {
        shell: Shell,
    },
    /// Write the manual pages to a folder, which packages install
    #[command(hide = true)]
    Man {
        folder: PathBuf,
    },
}

#[derive(Debug, Args, Default)]
pub(crate) struct ServeArgs {
    /// Do not migrate the database; refuse to start if it has to be migrated
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// List the migrations and whether each is applied
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Create an account with the role admin
    #[command(after_help = "Example:\n  bookshelf admin create --email ann@example.com")]
    Create(PasswordArgs),
    /// Give an existing account the role admin
    Promote(EmailArgs),
    /// Set a new password and end all sessions of the account
    #[command(
        after_help = "Example:\n  echo \"$PASSWORD\" | bookshelf admin reset-password --email ann@example.com --password-stdin"
    )]
    ResetPassword(PasswordArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    Copy(CopyArgs),
}

/// Copy a whole database into another, empty one.
///
/// Every table is copied with its ids, then read again on both sides and compared. The source may
/// stay in use; it is copied as it was at the beginning, and later changes are not copied. A target
/// without tables is migrated first. If the copy is interrupted, the target stays empty. Covers and
/// the secret that signs access tokens are not part of the database.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bookshelf db copy --from sqlite://data/bookshelf.db --to postgres://books@db/books
  bookshelf db copy --from-file /run/secrets/database-url --to sqlite://books.db")]
pub(crate) struct CopyArgs {
    /// Database to copy from: sqlite://PATH or postgres://user@host:port/database. Other users of this
    /// machine can see a password in it; use --from-file or the environment then
    /// [env: DATABASE_COPY_FROM]
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,
    /// File that contains the URL of --from, perhaps with a password [env: DATABASE_COPY_FROM_FILE]
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub(crate) from_file: Option<PathBuf>,
    /// Database to copy to [env: DATABASE_COPY_TO]
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// File that contains the URL of --to, perhaps with a password [env: DATABASE_COPY_TO_FILE]
    #[arg(long, value_name = "FILE", conflicts_with = "to")]
    pub(crate) to_file: Option<PathBuf>,
}

/// Save the library in one file: the database on SQLite, the covers, and the server's own secret.
///
/// Servers may be running. The file has what was written before the command began. It is read again
/// and checked before it gets its name. It contains password hashes and a secret, so only its owner
/// may read it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bookshelf backup /srv/backups/bookshelf.tar")]
pub(crate) struct BackupArgs {
    /// File to write
    pub(crate) file: PathBuf,
}

/// Restore a backup into an empty data directory.
///
/// The backup is checked before anything is written. Start the server afterwards: users, sessions and
/// API keys are as they were.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  bookshelf restore /srv/backups/bookshelf.tar --data-dir data")]
pub(crate) struct RestoreArgs {
    /// File that `bookshelf backup` made
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct EmailArgs {
    /// Email address of the account
    #[arg(long)]
    pub(crate) email: String,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Migrate a database that has the schema of an earlier version; otherwise it is refused, because
    /// servers of that version may be using it
    #[arg(long)]
    pub(crate) migrate: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    #[command(flatten)]
    pub(crate) account: EmailArgs,
    /// Read the password from one line of standard input instead of asking for it
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Csv,
    Ndjson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum OnConflict {
    /// Keep the existing book unchanged
    #[default]
    Skip,
    /// Take over the values of the row; empty cells change nothing
    Update,
}

/// Import books into the catalogue, or a reading history into a user's shelf.
///
/// Books come from a CSV or NDJSON file. Columns are recognised by name, in any order: title,
/// author, isbn, genre, year, description, and the names that other programs use for them. A
/// row with an ISBN is matched with existing books by the ISBN alone, a row without one by
/// title and author; importing the same file again changes nothing. The separator (comma,
/// semicolon or tab) is found by the header, or named by a first line such as sep=;. Rejected
/// rows do not stop the import. The server may be running meanwhile.
///
/// With --shelf-of, the file is a reading history, which is imported into a user's shelf: an export
/// of Goodreads, The StoryGraph, LibraryThing, Hardcover, BookWyrm, Calibre or Bookshelf, recognised
/// by its header. An older status never replaces a newer one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bookshelf import books.csv --dry-run
  bookshelf import --shelf-of ann@example.com goodreads_library_export.csv
  bookshelf import books.csv --rejects rejects.csv
  zcat books.csv.gz | bookshelf import - --format csv --on-conflict update")]
pub(crate) struct ImportArgs {
    /// File to read, or - for standard input
    pub(crate) file: PathBuf,
    /// Format of the file, if its name does not end in .csv, .ndjson or .jsonl
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Encoding of the file, if it is not UTF-8 and has no byte order mark of UTF-16: a label of the
    /// WHATWG Encoding Standard, such as windows-1250 or iso-8859-2
    #[arg(long, value_name = "LABEL")]
    pub(crate) charset: Option<Charset>,
    /// What to do with a row whose book exists already [default: skip; with --shelf-of: update, which
    /// takes over newer statuses and fills empty fields]
    #[arg(long, value_name = "WHAT")]
    pub(crate) on_conflict: Option<OnConflict>,
    /// Import a reading history into the shelf of the user with this email address
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["format", "rejects"])]
    pub(crate) shelf_of: Option<String>,
    /// Report what would happen, without writing to the database
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the rejected rows to this file, unchanged, with the reason in a column "error". Its folder
    /// must be writable. If the import ends early, an earlier file stays as it was
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Exit with code 1 if a row was rejected
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
}

/// Export the whole catalogue to a CSV or NDJSON file.
///
/// The file can be imported again. A cell that a spreadsheet would treat as a formula gets a leading
/// apostrophe, which the import removes. The file gets its name when it is complete, so an interrupted
/// export leaves an earlier file as it was. Until then its content is in a temporary file beside it, so
/// the folder must be writable. In a container, mount the folder and not the file alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bookshelf export books.csv
  bookshelf export - --format ndjson | jq .title")]
pub(crate) struct ExportArgs {
    /// File to write, or - for standard output
    pub(crate) file: PathBuf,
    /// Format of the file, if its name does not end in .csv, .ndjson or .jsonl
    #[arg(long)]
    pub(crate) format: Option<Format>,
    #[command(flatten)]
    pub(crate) schema: SchemaArgs,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Address of the server [default: the address of --listen]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Check that the server and its database can take requests, not only that the server is alive
    #[arg(long)]
    pub(crate) ready: bool,
}
