//! `bookshelf`: a self-hosted books API in one binary.

mod backups;
mod checks;
mod cli;
mod commands;
mod database;
mod failure;
mod listeners;
mod metrics;
mod services;
mod settings;
mod signals;
mod stopping;
mod systemd;
mod telemetry;
#[cfg(feature = "otlp")]
mod traces;
mod workers;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("bookshelf: {failure}");
            failure.exit_code()
        }
    }
}
