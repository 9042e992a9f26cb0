use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::setting::{Setting, flag, variable};
use super::table::TABLE;

/// The settings given as flags, by key. Each setting of the table has a flag.
#[derive(Debug, Default)]
pub(crate) struct Flags(pub(super) BTreeMap<String, String>);

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let keys = TABLE.iter().flat_map(|setting| setting.keys().map(move |key| (setting, key)));
        keys.fold(command, |command, (setting, (key, is_file))| {
            let variable = variable(&key);
            let help = match (is_file, setting.default) {
                (true, _) => format!("File that contains {}", flag(setting.key)),
                (false, "") => setting.help.trim().to_owned(),
                (false, default) => {
                    let bounds = setting.bounds.map(|bounds| format!(" [{bounds}]"));
                    let bounds = bounds.unwrap_or_default();
                    format!("{}{bounds} [default: {default}]", setting.help.trim())
                }
            };
            command.arg(
                Arg::new(key.clone())
                    .long(flag(&key))
                    .value_name(if is_file { "FILE" } else { "VALUE" })
                    .help(format!("{help} [env: {variable}]"))
                    .help_heading("Settings")
                    .hide_short_help(true)
                    .global(true),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (key, _) in TABLE.iter().flat_map(Setting::keys) {
            if let Some(text) = matches.get_one::<String>(&key) {
                self.0.insert(key, text.clone());
            }
        }
        Ok(())
    }
}
