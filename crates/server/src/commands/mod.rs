//! What each command does.

mod health;

use std::io;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::settings::{self, Settings, Sources};

pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let command = cli.command.unwrap_or_else(|| Command::Serve(Default::default()));
    if let Command::Completions { shell } = command {
        clap_complete::generate(shell, &mut Cli::command(), "bookshelf", &mut io::stdout());
        return Ok(ExitCode::SUCCESS);
    }
    let sources = Sources::gather(cli.settings, cli.insecure_test_settings, cli.config.as_deref())?;
    let (settings, values) = Settings::read(&sources)?;
    match command {
        Command::Config => {
            settings::show(&values, &mut io::stdout())
                .map_err(|error| Failure::because("cannot write the settings", &error))?;
        }
        Command::Health(args) => health::run(&settings, &args)?,
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}
