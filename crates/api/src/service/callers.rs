//! The table of who may call what, made from the security requirements of the operations.

use serde_json::{Value, json};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;

/// All kinds of callers, in the order of the table's columns.
const CALLERS: [Caller; 5] = [
    Caller { name: "nobody", credentials: None },
    Caller { name: "user", credentials: Some(("bearer", &[])) },
    Caller { name: "key read", credentials: Some(("api_key", &["read"])) },
    Caller { name: "key write", credentials: Some(("api_key", &["write"])) },
    Caller { name: "admin", credentials: Some(("bearer", &["admin"])) },
];

/// The member of an operation that lists the callers who may call it.
const EXTENSION: &str = "x-callers";

struct Caller {
    name: &'static str,
    /// The security scheme, and the roles and permissions that the caller has; `None` without
    /// credentials.
    credentials: Option<(&'static str, &'static [&'static str])>,
}

impl Caller {
    /// Whether the caller meets one of the requirements. Every caller meets a list without
    /// requirements.
    fn meets(&self, requirements: &Value) -> bool {
        let Some(requirements) = requirements.as_array() else { return true };
        requirements.iter().any(|requirement| self.meets_one(requirement))
    }

    fn meets_one(&self, requirement: &Value) -> bool {
        let Some(schemes) = requirement.as_object() else { return false };
        if schemes.is_empty() {
            return true;
        }
        let Some((scheme, held)) = self.credentials else { return false };
        let needed = schemes.get(scheme).and_then(Value::as_array);
        needed
            .is_some_and(|needed| needed.iter().all(|scope| held.iter().any(|held| scope == held)))
    }
}

/// Adds the list of callers to an operation, and returns its row of the table.
pub(super) fn note(method: &str, path: &str, operation: &mut Operation) -> String {
    let requirements = json!(operation.security);
    let may: Vec<_> =
        CALLERS.iter().map(|caller| (caller.name, caller.meets(&requirements))).collect();
    let names: Vec<_> = may.iter().filter(|(_, may)| *may).map(|(name, _)| name).collect();
    let noted = ExtensionsBuilder::new().add(EXTENSION, json!(names)).build();
    operation.extensions.get_or_insert_default().merge(noted);
    let cells: String = may.iter().map(|(_, may)| if *may { " yes |" } else { " – |" }).collect();
    format!("| `{method} {path}` |{cells}\n")
}

/// The table, from its rows.
pub(super) fn table(rows: &str) -> String {
    let names: String = CALLERS.iter().map(|caller| format!(" {} |", caller.name)).collect();
    let rule = "---|".repeat(CALLERS.len() + 1);
    format!(
        "\n\n## Who may call what\n\nA request without valid credentials gets 401 where credentials \
         are needed. A caller without the permission gets 403. The sessions, API keys and shelf \
         entries of other users are 404. An API key with `admin` and `read` or `write` may do what \
         is marked for admins, except for passwords, sessions and API keys. If the server lets only \
         admins write the catalogue (`BOOKSHELF_CATALOGUE_WRITES=admins`), only admins may add and \
         change books and upload covers. If registration is not open (`BOOKSHELF_REGISTRATION`), it \
         needs an invitation, or is refused.\n\n\
         | |{names}\n|{rule}\n{rows}"
    )
}
