//! The rules that the drafts of every resource share.

use crate::{Change, Fault, Faults, Line, Prose, Timestamp};

/// What a draft is meant for: it decides which fields must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Create,
    Replace,
    Patch,
}

/// What the rules of a draft depend on.
#[derive(Debug, Clone, Copy)]
pub struct DraftContext {
    pub intent: Intent,
    pub now: Timestamp,
}

/// The field cannot be left out, nor emptied.
pub(crate) fn required<T>(field: &Change<T>, context: &DraftContext) -> garde::Result {
    Err(garde::Error::new(match (field, context.intent) {
        (Change::Set(_), _) | (Change::Keep, Intent::Patch) => return Ok(()),
        (Change::Keep, Intent::Replace) => {
            "is required: PUT replaces the whole resource, PATCH changes only some fields"
        }
        _ => "is required",
    }))
}

pub(crate) fn line<const MAX: usize>(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| Line::<MAX>::parse(text))
}

pub(crate) fn prose<const MAX: usize>(field: &Change<String>, _: &DraftContext) -> garde::Result {
    valid(field, |text| Prose::<MAX>::parse(text))
}

/// What is there can be read by the constructor that owns its rule.
pub(crate) fn valid<T, U>(
    field: &Change<T>,
    parse: impl FnOnce(&T) -> Result<U, Fault>,
) -> garde::Result {
    match field {
        Change::Set(value) => Ok(parse(value).map(drop)?),
        Change::Keep | Change::Clear => Ok(()),
    }
}

/// Reads a field once the whole draft was found good.
pub(crate) fn read<T, U>(
    name: &str,
    field: Change<T>,
    parse: impl FnOnce(&T) -> Result<U, Fault>,
) -> Result<Change<U>, Faults> {
    field.try_map(|value| parse(&value).map_err(|fault| fault.of(name)))
}

/// The same for a field that has to be there.
pub(crate) fn read_required<T, U>(
    name: &str,
    field: Change<T>,
    parse: impl FnOnce(&T) -> Result<U, Fault>,
) -> Result<U, Faults> {
    read(name, field, parse)?.into_value().ok_or_else(|| Fault::new("is required").of(name))
}

/// Runs the rules of a draft and adds what they find to what its reader found.
pub(crate) fn check<D>(draft: &D, found: &Faults, context: &DraftContext) -> Result<(), Faults>
where
    D: garde::Validate<Context = DraftContext>,
{
    let mut faults = found.clone();
    if let Err(report) = draft.validate_with(context) {
        faults.extend_new_fields(report.into());
    }
    faults.into_result()
}
