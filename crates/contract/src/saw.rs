//! How a clause says what it saw: it unwinds with it, and the runner catches that. So a clause can
//! fail anywhere, in a closure or in a task too.

use std::any::Any;
use std::fmt::{Debug, Display};
use std::panic::{Location, resume_unwind};

/// What a clause unwinds with.
pub(crate) enum Raised {
    Broken(String),
    Skipped(String),
}

/// Ends the clause, which is broken. Unlike `panic!`, this writes nothing to the standard error.
#[track_caller]
pub(crate) fn broken(saw: impl Display) -> ! {
    let saw = format!("{saw} ({})", Location::caller());
    resume_unwind(Box::new(Raised::Broken(saw)))
}

/// Ends the clause, which cannot be checked.
pub(crate) fn skip(reason: &str) -> ! {
    resume_unwind(Box::new(Raised::Skipped(reason.to_owned())))
}

/// Reads what a clause, or the adapter under it, has unwound with.
pub(crate) fn raised(payload: Box<dyn Any + Send>) -> Raised {
    let payload = match payload.downcast::<Raised>() {
        Ok(raised) => return *raised,
        Err(payload) => payload,
    };
    let message = payload.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
    Raised::Broken(format!("a panic: {}", message.unwrap_or("without a message")))
}

/// What must be there for the clause to hold.
pub(crate) trait Must {
    type There;

    /// Returns what is there, or ends the clause, which is broken.
    fn must(self) -> Self::There;
}

impl<T, E: Debug> Must for Result<T, E> {
    type There = T;

    #[track_caller]
    fn must(self) -> T {
        match self {
            Ok(there) => there,
            Err(error) => broken(format!("Err({error:?})")),
        }
    }
}

impl<T> Must for Option<T> {
    type There = T;

    #[track_caller]
    fn must(self) -> T {
        match self {
            Some(there) => there,
            None => broken("None"),
        }
    }
}
