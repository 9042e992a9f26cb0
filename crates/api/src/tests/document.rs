//! The OpenAPI document agrees with the code.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use bookshelf_domain::accounts::{Email, Password, Role, UserError, UserName};
use bookshelf_domain::api_keys::ApiKeyName;
use bookshelf_domain::books::{Author, BookError, Description, Genre, Title};
use bookshelf_domain::shelves::{Notes, ShelfError};
use serde_json::Value;

use crate::{openapi, openapi_30};

use super::support::{RequestExt, Setup, book, get, user};

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().unwrap();
            operations
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_route_of_the_contract_is_in_the_document() {
    let document = document();
    let documented: BTreeSet<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
    let contract = [
        "get /",
        "get /.well-known/jwks.json",
        "get /api/v1",
        "get /api/v1/books",
        "post /api/v1/books",
        "get /api/v1/books/{id}",
        "put /api/v1/books/{id}",
        "patch /api/v1/books/{id}",
        "delete /api/v1/books/{id}",
        "get /api/v1/books/{id}/cover",
        "put /api/v1/books/{id}/cover",
        "delete /api/v1/books/{id}/cover",
        "get /api/v1/books/isbn/{isbn}",
        "post /api/v1/books/import",
        "get /api/v1/books/export",
        "post /api/v1/shelf/import",
        "get /api/v1/shelf/export",
        "post /api/v1/auth/register",
        "post /api/v1/auth/login",
        "post /api/v1/auth/refresh",
        "post /api/v1/auth/logout",
        "post /api/v1/auth/logout-all",
        "get /api/v1/auth/sessions",
        "delete /api/v1/auth/sessions/{id}",
        "get /api/v1/auth/me",
        "patch /api/v1/auth/me",
        "get /api/v1/profile",
        "post /api/v1/auth/password",
        "post /api/v1/auth/delete-account",
        "get /api/v1/api-keys",
        "post /api/v1/api-keys",
        "delete /api/v1/api-keys/{id}",
        "get /api/v1/invites",
        "post /api/v1/invites",
        "delete /api/v1/invites/{id}",
        "get /api/v1/shelf",
        "post /api/v1/shelf",
        "get /api/v1/shelf/stats",
        "get /api/v1/shelf/{id}",
        "put /api/v1/shelf/{id}",
        "patch /api/v1/shelf/{id}",
        "delete /api/v1/shelf/{id}",
        "get /api/v1/users",
        "post /api/v1/users",
        "get /api/v1/users/{id}",
        "patch /api/v1/users/{id}",
        "delete /api/v1/users/{id}",
        "get /api/v1/openapi.json",
        "get /api/health",
        "get /health",
        "get /health/ready",
        "get /apidocs",
        "get /apidocs/",
        "get /apidocs/{file}",
        "get /apidocs/openapi.json",
        "get /apidocs/openapi-3.0.json",
    ];
    assert_eq!(documented, contract.into_iter().map(str::to_owned).collect());
}

#[actix_web::test]
async fn every_documented_operation_has_a_route() {
    for (name, _) in operations(&document()) {
        let (method, path) = name.split_once(' ').unwrap();
        let method: Method = method.to_uppercase().parse().unwrap();
        let uri = path.replace("{id}", "1").replace("{isbn}", "1").replace("{file}", "x");
        // A route may refuse a request without credentials, but not as the fallback for unknown
        // routes does.
        let answer = Setup::new().call(TestRequest::with_uri(&uri).method(method)).await;
        let is_fallback = answer.status == 405 || (answer.status == 404 && !path.contains('{'));
        assert!(!is_fallback, "{name}: {answer:?}");
    }
}

#[actix_web::test]
async fn every_operation_refuses_parameters_that_it_does_not_know() {
    let document = document();
    let all = operations(&document);
    for (name, operation) in all.iter().filter(|(name, _)| name.contains(" /api/v1")) {
        let (method, path) = name.split_once(' ').unwrap();
        let uri = path.replace("{id}", "1").replace("{isbn}", "1");
        let request = TestRequest::with_uri(&format!("{uri}?x=1&y")).bearing("admin");
        let request = request.method(method.to_uppercase().parse().unwrap());
        assert_eq!(Setup::new().call(request).await.faults(), ["x", "y"], "{name}");
        assert!(operation["responses"]["422"].is_object(), "{name}");
    }
}

#[actix_web::test]
async fn every_change_is_refused_if_its_condition_fails() {
    let document = document();
    for (name, operation) in operations(&document) {
        let (method, path) = name.split_once(' ').unwrap();
        let is_change = ["put", "patch", "delete"].contains(&method);
        let responses = operation["responses"].as_object().unwrap();
        assert_eq!(responses.contains_key("412"), is_change, "{name}");
        if !is_change {
            continue;
        }
        let has_tags = !["/auth/sessions", "/api-keys", "/invites"]
            .iter()
            .any(|untagged| path.starts_with(&format!("/api/v1{untagged}")));
        assert_eq!(responses.contains_key("428"), has_tags, "{name}");
        for tag in ["\"v1-6-9-2\"", "\"x\"", "W/\"x\"", "v1-7-9-2"] {
            let mut setup = Setup::new();
            setup.reader.expect_find().returning(|id| Ok(Some(book(id.get()))));
            setup.books.expect_update().returning(|_| Err(BookError::Stale));
            setup.books.expect_set_cover().returning(|_| Err(BookError::Stale));
            setup.books.expect_delete().returning(|_, _, _| Err(BookError::Stale));
            setup.shelves.expect_update().returning(|_| Err(ShelfError::Stale));
            setup.shelves.expect_delete().returning(|_, _, _| Err(ShelfError::Stale));
            setup.users.expect_find().returning(|_| Ok(Some(user(Role::User))));
            setup.users.expect_update().returning(|_| Err(UserError::Stale));
            setup.users.expect_shorten_shelf().returning(|_, _, _| Err(UserError::Stale));
            let request = TestRequest::with_uri(&path.replace("{id}", "1")).bearing("admin");
            let request = request.method(method.to_uppercase().parse().unwrap());
            let body =
                if path.contains("books") { r#"{"title": "A", "author": "B"}"# } else { "{}" };
            let request = request.json(body).insert_header(("if-match", tag));
            let error = setup.call(request).await.error(412, "precondition_failed");
            let message = error["message"].as_str().unwrap();
            let says = if has_tags { "quotation marks" } else { "no entity tags" };
            assert_eq!(message.contains(says), !has_tags || tag.starts_with('v'), "{name} {tag}");
        }
    }
}

/// A change of the documents is seen in the review of its commit. `make openapi` writes them.
#[test]
fn the_committed_documents_are_those_of_the_code() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi");
    for (name, document) in [("openapi.json", document()), ("openapi-3.0.json", openapi_30())] {
        let committed = std::fs::read(format!("{folder}/{name}")).unwrap();
        let committed: Value = serde_json::from_slice(&committed).unwrap();
        assert!(committed == document, "docs/openapi/{name} is not current: run `make openapi`");
    }
}

/// The names of a schema's members, and whether each may be null.
fn members(schema: &Value) -> Vec<(&str, bool)> {
    let members = schema["properties"].as_object().unwrap().iter();
    let is_null = |kind: &Value| kind == "null" || kind["type"] == "null";
    members
        .map(|(name, member)| {
            let alternatives = member["oneOf"].as_array().or(member["type"].as_array());
            (name.as_str(), alternatives.is_some_and(|all| all.iter().any(is_null)))
        })
        .collect()
}

/// The members that have an effect.
fn written(schema: &Value) -> Vec<(&str, bool)> {
    let is_ignored = |name: &str| {
        let about = schema["properties"][name]["description"].as_str();
        about.is_some_and(|about| about.starts_with("Read only"))
    };
    members(schema).into_iter().filter(|(name, _)| !is_ignored(name)).collect()
}

#[test]
fn what_is_shown_can_be_sent_back() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for (shown, changes) in [
        ("Book", ["BookReplacement", "BookPatch"]),
        ("ShelfEntry", ["ShelfEntryReplacement", "ShelfEntryPatch"]),
        ("User", ["Profile", "UserPatch"]),
    ] {
        for change in changes {
            let taken = schemas[change]["properties"].as_object().unwrap();
            for (name, _) in members(&schemas[shown]) {
                assert!(taken.contains_key(name), "{change} refuses {name}");
            }
        }
    }
}

#[test]
fn a_patch_takes_the_members_of_its_resource_without_requiring_any() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["BookInput"]["required"], serde_json::json!(["title", "author"]));
    assert_eq!(schemas["BookReplacement"]["required"], schemas["BookInput"]["required"]);
    for change in ["BookReplacement", "BookPatch"] {
        assert_eq!(written(&schemas[change]), members(&schemas["BookInput"]), "{change}");
    }

    let entry = written(&schemas["ShelfEntryReplacement"]);
    assert!(entry.iter().all(|(name, nullable)| *nullable && !name.starts_with("book")));
    assert_eq!(written(&schemas["ShelfEntryPatch"]), entry);
    for patch in ["BookPatch", "ShelfEntryPatch"] {
        assert!(schemas[patch].get("required").is_none(), "{patch}");
        assert!(!schemas[patch]["properties"].to_string().contains("default"), "{patch}");
    }
}

/// The attributes of the schemas need literals, so the compiler does not compare them with the limits
/// of the value objects.
#[test]
fn documented_lengths_are_those_of_the_value_objects() {
    let document = document();
    let assert_max = |schema: &str, member: &str, max: usize| {
        let member_schema = &document["components"]["schemas"][schema]["properties"][member];
        assert_eq!(member_schema["maxLength"], max, "{schema} {member}");
    };
    for schema in ["BookInput", "BookReplacement", "BookPatch"] {
        assert_max(schema, "title", Title::MAX);
        assert_max(schema, "author", Author::MAX);
        assert_max(schema, "genre", Genre::MAX);
        assert_max(schema, "description", Description::MAX);
    }
    for schema in ["ShelfEntryInput", "ShelfEntryReplacement", "ShelfEntryPatch"] {
        assert_max(schema, "notes", Notes::MAX);
    }
    for schema in ["Registration", "NewUser"] {
        assert_max(schema, "email", Email::MAX);
    }
    for schema in ["Registration", "NewUser", "Profile", "UserPatch"] {
        assert_max(schema, "name", UserName::MAX);
    }
    for (schema, member) in
        [("Registration", "password"), ("NewUser", "password"), ("PasswordChange", "new_password")]
    {
        assert_max(schema, member, Password::MAX);
        let member_schema = &document["components"]["schemas"][schema]["properties"][member];
        assert_eq!(member_schema["minLength"], Password::MIN, "{schema} {member}");
    }
    assert_max("NewApiKey", "name", ApiKeyName::MAX);

    for (path, name, max) in [
        ("/api/v1/books", "title", Title::MAX),
        ("/api/v1/books", "author", Author::MAX),
        ("/api/v1/books", "genre", Genre::MAX),
        ("/api/v1/books", "search", Title::MAX),
        ("/api/v1/shelf", "search", Title::MAX),
        ("/api/v1/users", "search", Email::MAX),
    ] {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let parameter = parameters.iter().find(|each| each["name"] == name).unwrap();
        assert_eq!(parameter["schema"]["maxLength"], max, "{path} {name}");
    }
}

#[test]
fn every_operation_is_documented_completely() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(operation["summary"].is_string(), "{name} has no summary");
        assert!(ids.insert(operation["operationId"].to_string()), "{name} shares its id");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("500"), "{name} has no 500");
        let secured = operation.get("security").is_some();
        assert_eq!(responses.contains_key("401"), secured || name.ends_with("/login"), "{name}");
        if operation.get("requestBody").is_some() {
            for status in ["400", "413", "415", "422"] {
                assert!(responses.contains_key(status), "{name} has no {status}");
            }
        }
        for (status, response) in responses {
            let is_error = status.starts_with(['4', '5']);
            assert_eq!(response.get("$ref").is_some(), is_error, "{name} {status}");
        }
    }
}

#[test]
fn every_reference_has_a_target() {
    fn walk(value: &Value, document: &Value) {
        if let Some(target) = value["$ref"].as_str() {
            let found = document.pointer(target.trim_start_matches('#'));
            assert!(found.is_some(), "{target}");
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, document)),
            Value::Object(members) => members.values().for_each(|member| walk(member, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}

#[test]
fn bodies_are_closed_and_have_examples() {
    let document = document();
    for name in [
        "BookInput",
        "BookReplacement",
        "BookPatch",
        "Registration",
        "Credentials",
        "RefreshToken",
        "Profile",
        "UserPatch",
    ] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{name}");
        assert!(schema["example"].is_object(), "{name}");
    }
}

#[actix_web::test]
async fn documented_parameters_are_those_that_are_read() {
    let document = document();
    let parameters = document["paths"]["/api/v1/books"]["get"]["parameters"].as_array().unwrap();
    let names: BTreeSet<_> = parameters.iter().map(|each| each["name"].as_str().unwrap()).collect();
    let error = Setup::new().call(get("/api/v1/books?x=1")).await.error(422, "validation_failed");
    let known =
        error["details"]["x"][0].as_str().unwrap().rsplit_once("the known ones are ").unwrap().1;
    assert_eq!(names, known.split(", ").collect());

    for name in ["sort", "order", "count"] {
        let documented = parameters.iter().find(|each| each["name"] == name).unwrap();
        let documented: BTreeSet<_> = documented["schema"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|choice| choice.as_str().unwrap())
            .collect();
        let answer = Setup::new().call(get(&format!("/api/v1/books?{name}=x"))).await;
        let error = answer.error(422, "validation_failed");
        let read = error["details"][name][0].as_str().unwrap();
        let read = read.strip_prefix("must be one of: ").unwrap();
        assert_eq!(documented, read.split(", ").collect(), "{name}");
    }
}
