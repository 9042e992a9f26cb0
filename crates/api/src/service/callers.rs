//! Who may call what: told by the security requirements of each operation, shown as one table.

use serde_json::{Value, json};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::Operation;

/// Everybody who can call, in the order of the table's columns.
const CALLERS: [Caller; 5] = [
    Caller { name: "nobody", credentials: None },
    Caller { name: "user", credentials: Some(("bearer", &[])) },
    Caller { name: "key read", credentials: Some(("api_key", &["read"])) },
    Caller { name: "key write", credentials: Some(("api_key", &["write"])) },
    Caller { name: "admin", credentials: Some(("bearer", &["admin"])) },
];

/// The member of an operation that names those who may call it.
const EXTENSION: &str = "x-callers";

struct Caller {
    name: &'static str,
    /// The security scheme, and the roles and permissions held; none without credentials.
    credentials: Option<(&'static str, &'static [&'static str])>,
}

impl Caller {
    /// Whether one of the requirements is met; who needs none is met by everybody.
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

/// Notes on an operation who may call it, and returns its row of the table.
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
        "\n\n## Who may call what\n\nWhoever shows no good credentials where some are needed gets \
         401, and who may not do it 403. What is a user's own (sessions, keys, the shelf) is 404 for \
         everybody else. An API key with `admin` may, with `read` or `write` beside it, do what is \
         marked for admins, other than what touches passwords, sessions and keys.\n\n\
         | |{names}\n|{rule}\n{rows}"
    )
}
