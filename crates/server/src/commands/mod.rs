//! The commands.

mod admin;
mod backup;
mod copy;
mod export;
mod files;
mod health;
mod import_books;
mod import_history;
mod import_result;
mod migrate;
mod progress;
mod serve;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use bookshelf_application::Operator;
use clap::CommandFactory;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command, DbCommand, MigrateCommand, ServeArgs};
use crate::failure::Failure;
use crate::settings::{self, Settings};
use crate::telemetry;

/// The caller of the use cases on the command line. Its user has access to the database anyway.
const OPERATOR: Operator = Operator::on_this_machine();

/// Runs the command of the command line. Results go to standard output, everything else to standard
/// error.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let command = cli.command.unwrap_or_else(|| Command::Serve(ServeArgs::default()));
    match command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "bookshelf", &mut script);
            return print(&script);
        }
        Command::Openapi { version_30 } => {
            let document = match version_30 {
                true => serde_json::to_string_pretty(&bookshelf_api::openapi_30()),
                false => bookshelf_api::openapi().to_pretty_json(),
            };
            let document = document
                .map_err(|error| Failure::because("cannot write the OpenAPI document", &error))?;
            return print(format!("{document}\n").as_bytes());
        }
        Command::Man { folder } => {
            // The pages have the help of the settings too, which a short help leaves out.
            let command = Cli::command().mut_args(|argument| argument.hide_short_help(false));
            clap_mangen::generate_to(command, &folder).map_err(|error| {
                let what = format_args!("cannot write manual pages to {}", folder.display());
                Failure::because(what, &error)
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Config { example: true } => {
            let mut example = Vec::new();
            settings::show_example(&mut example).map_err(|error| unwritable(&error))?;
            return print(&example);
        }
        _ => {}
    }
    let values = settings::gather(cli.settings, cli.config.as_deref())?;
    let settings = Settings::read(&values, cli.insecure_test_settings)?;
    let _log = telemetry::start(&settings);
    let mut code = ExitCode::SUCCESS;
    match command {
        Command::Completions { .. } | Command::Openapi { .. } | Command::Man { .. } => {}
        Command::Serve(args) => serve::run(&settings, &args)?,
        Command::Migrate { command } => {
            let lines = match command {
                None => migrate::run(&settings)?,
                Some(MigrateCommand::Status) => migrate::status(&settings)?,
            };
            print(lines.as_bytes())?;
        }
        Command::Admin(command) => {
            let done = block_on(admin::run(&settings, &command))?;
            print(format!("{done}\n").as_bytes())?;
        }
        Command::Import(args) => {
            let imported = match &args.shelf_of {
                Some(email) => block_on(import_history::run(&settings, &args, email))?,
                None => block_on(import_books::run(&settings, &args))?,
            };
            print(format!("{}\n", imported.summary).as_bytes())?;
            if let Some(why) = imported.ended_early {
                return Err(why.into());
            }
            if args.strict && !imported.all_good {
                code = ExitCode::FAILURE;
            }
        }
        Command::Export(args) => {
            let count = block_on(export::run(&settings, &args))?;
            eprintln!("exported {count} books");
        }
        Command::Backup(args) => {
            print(backup::create(&settings, &args.file)?.as_bytes())?;
        }
        Command::Restore(args) => {
            print(backup::restore(&settings, &args.file)?.as_bytes())?;
        }
        Command::Verify => code = verify::run(&settings)?,
        Command::Db(DbCommand::Copy(args)) => {
            let summary = copy::run(&args)?;
            print(summary.as_bytes())?;
        }
        Command::Config { .. } => {
            let mut shown = Vec::new();
            settings::show(&values, &mut shown).map_err(|error| unwritable(&error))?;
            print(&shown)?;
        }
        Command::Health(args) => health::run(&settings, &args)?,
    }
    Ok(code)
}

/// Runs a command on one thread. That is enough, because a command has no concurrent steps, and the
/// database has its own threads.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    runtime()?.block_on(work)
}

/// A runtime on the current thread.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot start the runtime", &error))
}

fn print(text: &[u8]) -> Result<ExitCode, Failure> {
    let mut out = io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        // The reading program, such as `head`, has ended.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(unwritable(&error)),
        Ok(()) => Ok(ExitCode::SUCCESS),
    }
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::because("cannot write to standard output", error)
}
