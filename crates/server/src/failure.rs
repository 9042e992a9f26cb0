use bookshelf_domain::error_chain;
use std::fmt::Display;
use std::process::ExitCode;

use bookshelf_application::Error;

use crate::settings::SettingError;

/// Why a command failed, as one line for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command was used wrongly: exit code 2, as for wrong arguments.
    #[error("{0}")]
    Usage(String),
    /// The command was used correctly and failed: exit code 1.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Failed(_) => 1,
        })
    }

    /// Says what failed, followed by the error and all its causes.
    pub(crate) fn because(what: impl Display, error: &dyn std::error::Error) -> Self {
        Self::Failed(format!("{what}: {}", error_chain(error)))
    }

    /// Says why an account that was named by its email address cannot be used.
    pub(crate) fn account(error: Error) -> Self {
        match error {
            Error::Invalid(faults) => Self::Failed(faults.to_string()),
            Error::NotFound(what) => Self::Failed(format!("there is no {what} with this email")),
            Error::EmailTaken { .. } => Self::Failed(
                "an account with this email exists already; to make it an admin, use promote"
                    .to_owned(),
            ),
            Error::PasswordChanged => Self::Failed(
                "another request changed the password meanwhile, and that password stays; to \
                 replace it, run the command again"
                    .to_owned(),
            ),
            error => Self::because("cannot use the account", &error),
        }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::Usage(error.to_string())
    }
}
