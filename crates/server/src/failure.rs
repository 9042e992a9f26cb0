use std::fmt::Display;
use std::process::ExitCode;

use crate::settings::SettingError;

/// Why a command did not do what it was asked for: one line for whoever asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It cannot be done as it was asked: exit code 2, as for wrong arguments.
    #[error("{0}")]
    Usage(String),
    /// It was tried and failed: exit code 1.
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

    /// Says what failed and, down to the last cause, why.
    pub(crate) fn because(what: impl Display, error: &dyn std::error::Error) -> Self {
        let mut line = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            line.push_str(&format!(": {cause}"));
            source = cause.source();
        }
        Self::Failed(line)
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::Usage(error.to_string())
    }
}
