//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::settings::Flags;

/// A self-hosted books API.
///
/// Without a command it serves. A setting is a flag, else an environment variable (a .env file in
/// the working directory counts as environment), else a line of the file named by --config, else
/// its default. `bookshelf config` shows what is in effect and where it comes from; `bookshelf
/// --help` lists every setting.
#[derive(Debug, Parser)]
#[command(name = "bookshelf", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// TOML file with settings: names as the variables, without BOOKSHELF_, in lower case
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
  bookshelf admin create --email ann@example.com make the first admin
  bookshelf import books.csv --dry-run           see what an import would do
  BOOKSHELF_LISTEN=0.0.0.0:80 bookshelf serve    a setting from the environment

Exit codes: 0 done, 1 failed, 2 wrong arguments or settings.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring the database up to date, then serve (also without any command)
    Serve(ServeArgs),
    /// Bring the database up to date; safe from several instances at once
    Migrate {
        #[command(subcommand)]
        command: Option<MigrateCommand>,
    },
    /// Make and mend accounts
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Read books into the catalogue, or a reading history into somebody's shelf
    Import(ImportArgs),
    /// Write the whole catalogue to a CSV or NDJSON file
    Export(ExportArgs),
    /// Move between databases
    #[command(subcommand)]
    Db(DbCommand),
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
    /// Print the settings in effect, and where each comes from; secrets are masked
    Config,
    /// Ask a running server whether it is well; exit code 0 if so
    Health(HealthArgs),
    /// Print a script that teaches your shell to complete bookshelf's commands
    #[command(
        after_help = "Example:\n  bookshelf completions bash > /etc/bash_completion.d/bookshelf"
    )]
    Completions { shell: Shell },
}

#[derive(Debug, Args, Default)]
pub(crate) struct ServeArgs {
    /// Leave the database as it is
    #[arg(long)]
    pub(crate) no_migrate: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// List the migrations and which of them are applied
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Make an account with the role admin
    #[command(after_help = "Example:\n  bookshelf admin create --email ann@example.com")]
    Create(PasswordArgs),
    /// Give an account the role admin
    Promote(EmailArgs),
    /// Set a new password and end every session of the account
    #[command(
        after_help = "Example:\n  echo \"$PASSWORD\" | bookshelf admin reset-password --email ann@example.com --password-stdin"
    )]
    ResetPassword(PasswordArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    Copy(CopyArgs),
}

/// Copy everything from one database into another, empty one.
///
/// Every table is copied with its ids, read again on both sides and compared. The source may go on
/// serving, and is copied as it was at the beginning; what is written to it afterwards is not
/// copied. The target is brought up to date first if it has no tables. It gets everything or, when
/// the copy is interrupted, nothing. Covers and the secret that signs access tokens are not in the
/// database.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bookshelf db copy --from sqlite://data/bookshelf.db --to postgres://books@db/books
  bookshelf db copy --from postgres://books@db/books --to sqlite://books.db")]
pub(crate) struct CopyArgs {
    /// Database to read: sqlite://PATH or postgres://user:password@host:port/database
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// Database to fill
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
}

#[derive(Debug, Args)]
pub(crate) struct EmailArgs {
    /// Email address of the account
    #[arg(long)]
    pub(crate) email: String,
}

#[derive(Debug, Args)]
pub(crate) struct PasswordArgs {
    #[command(flatten)]
    pub(crate) account: EmailArgs,
    /// Read the password as one line of standard input instead of asking for it
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
    /// Leave the book as it is
    #[default]
    Skip,
    /// Change what the row says; empty cells change nothing
    Update,
}

/// Read books from a CSV or NDJSON file into the catalogue.
///
/// Columns are found by name, in any order: title, author, isbn, genre, year, description, and the
/// names that other programs give them. A row with an ISBN is matched by that alone, a row without
/// one by title and author, so the same file again changes nothing. A bad row never stops the good
/// ones. A server may be running meanwhile.
///
/// With --shelf-of it reads a reading history into somebody's shelf: an export of Goodreads, The
/// StoryGraph, LibraryThing, Hardcover, Calibre or Bookshelf itself, recognised by its header. A newer
/// status is never replaced by an older one.
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
    /// Format of the file, where its name does not end in .csv, .ndjson or .jsonl
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// What to do with a row whose book is there already [default: skip; with --shelf-of: update,
    /// which takes over newer statuses and fills what is empty]
    #[arg(long, value_name = "WHAT")]
    pub(crate) on_conflict: Option<OnConflict>,
    /// Read a reading history into the shelf of the account with this email address
    #[arg(long, value_name = "EMAIL", conflicts_with_all = ["format", "rejects"])]
    pub(crate) shelf_of: Option<String>,
    /// Tell what would happen, and write nothing to the database
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write the bad rows to this file, as they came, with what was wrong in the column "error"
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Exit with code 1 if any row was rejected
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Write the whole catalogue to a CSV or NDJSON file.
///
/// What is written can be imported again. Cells that a spreadsheet would take for a formula are
/// written with a leading apostrophe, which the import takes away.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  bookshelf export books.csv
  bookshelf export - --format ndjson | jq .title")]
pub(crate) struct ExportArgs {
    /// File to write, or - for standard output
    pub(crate) file: PathBuf,
    /// Format of the file, where its name does not end in .csv, .ndjson or .jsonl
    #[arg(long)]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct HealthArgs {
    /// Where the server is [default: the address in --listen]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Ask whether it takes requests, its database included, and not only whether it lives
    #[arg(long)]
    pub(crate) ready: bool,
}
