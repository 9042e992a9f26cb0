//! What each command does.

mod admin;
mod copy;
mod export;
mod files;
mod health;
mod import;
mod import_history;
mod migrate;
mod serve;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, Command, DbCommand, MigrateCommand, ServeArgs};
use crate::failure::Failure;
use crate::settings::{self, Settings, Sources};
use crate::telemetry;

/// Does what the command line says. Results go to standard output, all else to standard error.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let command = cli.command.unwrap_or_else(|| Command::Serve(ServeArgs::default()));
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "bookshelf", &mut script);
            return print(&script);
        }
        Command::Openapi => {
            let document = bookshelf_api::openapi()
                .to_pretty_json()
                .map_err(|error| Failure::because("cannot write the document", &error))?;
            return print(format!("{document}\n").as_bytes());
        }
        _ => {}
    }
    let sources = Sources::gather(cli.settings, cli.insecure_test_settings, cli.config.as_deref())?;
    let (settings, values) = Settings::read(&sources)?;
    let _log = telemetry::start(&settings);
    let mut code = ExitCode::SUCCESS;
    match command {
        Command::Completions { .. } | Command::Openapi => {}
        Command::Serve(args) => serve::run(&settings, &args)?,
        Command::Migrate { command: None } => migrate::run(&settings)?,
        Command::Migrate { command: Some(MigrateCommand::Status) } => migrate::status(&settings)?,
        Command::Admin(command) => {
            let done = block_on(admin::run(&settings, &command))?;
            print(format!("{done}\n").as_bytes())?;
        }
        Command::Import(args) => {
            let (summary, all_good) = block_on(import::run(&settings, &args))?;
            print(format!("{summary}\n").as_bytes())?;
            if args.strict && !all_good {
                code = ExitCode::FAILURE;
            }
        }
        Command::Export(args) => {
            let count = block_on(export::run(&settings, &args))?;
            eprintln!("exported {count} books");
        }
        Command::Db(DbCommand::Copy(args)) => {
            let summary = copy::run(&args)?;
            print(summary.as_bytes())?;
        }
        Command::Config => {
            let mut shown = Vec::new();
            settings::show(&values, &mut shown).map_err(|error| unwritable(&error))?;
            print(&shown)?;
        }
        Command::Health(args) => health::run(&settings, &args)?,
    }
    Ok(code)
}

/// Commands do one thing after the other; the database has threads of its own.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot start", &error))?
        .block_on(work)
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    let mut out = io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(unwritable(&error)),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::because("cannot write to standard output", error)
}
