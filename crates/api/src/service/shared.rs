//! Documents the errors and headers that many operations have, so that no handler needs to repeat
//! them.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{
    Content, ContentBuilder, Header, HeaderBuilder, Object, OpenApi, Ref, RefOr, Response,
    ResponseBuilder, Schema, Type,
};

use super::callers;
use crate::http::Reason;
use crate::paths;

/// The headers of every response of a route whose requests are counted.
const LIMITED: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// Adds to every operation the errors and headers that follow from its parameters and its body.
pub(super) fn complete(openapi: &mut OpenApi) {
    let bodies = body_schemas(openapi);
    if let Some(components) = &mut openapi.components {
        for body in bodies {
            if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(&body) {
                // Unknown fields are refused.
                body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
            }
        }
        for (status, reasons) in reasons_by_status() {
            components.responses.insert(component(status), error_response(status, &reasons).into());
        }
        for (name, header) in headers() {
            components.headers.insert(name.to_owned(), header.into());
        }
    }
    let mut rows = String::new();
    for (method, path, operation) in operations(openapi) {
        add_errors(method, path, operation);
        add_headers(path, operation);
        rows += &callers::note(method, path, operation);
    }
    openapi.info.description.get_or_insert_default().push_str(&callers::table(&rows));
}

fn operations(openapi: &mut OpenApi) -> impl Iterator<Item = (&'static str, &str, &mut Operation)> {
    openapi.paths.paths.iter_mut().flat_map(|(path, item)| {
        let methods = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        methods.into_iter().filter_map(|(method, operation)| {
            operation.as_mut().map(|operation| (method, path.as_str(), operation))
        })
    })
}

/// The names of the schemas of request bodies.
fn body_schemas(openapi: &mut OpenApi) -> Vec<String> {
    let named = |schema: &RefOr<Schema>| match schema {
        RefOr::Ref(schema) => schema.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    };
    let schemas = |content: &RefOr<Content>| match content {
        RefOr::T(content) => match &content.schema {
            Some(RefOr::T(Schema::OneOf(one))) => one.items.iter().filter_map(named).collect(),
            schema => schema.iter().filter_map(named).collect::<Vec<_>>(),
        },
        RefOr::Ref(_) => Vec::new(),
    };
    operations(openapi)
        .filter_map(|(_, _, operation)| match &operation.request_body {
            Some(RefOr::T(body)) => Some(body.content.values().flat_map(schemas)),
            _ => None,
        })
        .flatten()
        .collect()
}

fn add_errors(method: &str, path: &str, operation: &mut Operation) {
    let has = |place: ParameterIn, name: &str| has_parameter(operation, &place, name);
    let mut codes = vec![500];
    if path.starts_with(paths::ENTRY_POINT) {
        // 422: unknown parameters are refused.
        codes.extend([400, 406, 422]);
    }
    if is_limited(path) {
        codes.extend([429, 503]);
        if method != "GET" {
            codes.push(507);
        }
    }
    if operation.security.is_some() {
        // 403: an API key may lack a permission, or the operation may need a session.
        codes.extend([401, 403]);
    }
    if path.contains('{') {
        codes.push(404);
    }
    if operation.request_body.is_some() {
        codes.extend([413, 415]);
    }
    if has(ParameterIn::Header, "If-Match") {
        codes.push(412);
    }
    if has_tags(operation) {
        codes.push(428);
    }
    if has(ParameterIn::Header, "If-None-Match") {
        let unchanged = Response::new("The client's copy is current");
        operation.responses.responses.insert("304".to_owned(), unchanged.into());
    }
    let responses = &mut operation.responses.responses;
    // An error that a handler documents itself refers to the shared one too, with the handler's
    // description.
    for (code, response) in responses.iter_mut() {
        if let (RefOr::T(own), Some('4' | '5')) = (&*response, code.chars().next()) {
            let mut shared = Ref::from_response_name(format!("Error{code}"));
            shared.description.clone_from(&own.description);
            *response = shared.into();
        }
    }
    for code in codes {
        let shared = Ref::from_response_name(format!("Error{code}"));
        responses.entry(code.to_string()).or_insert_with(|| shared.into());
    }
}

/// Whether the requests of a route are counted. All are, except for health checks and the public keys,
/// which other services ask for regularly.
fn is_limited(path: &str) -> bool {
    !path.starts_with("/.well-known/") && !path.contains("/health")
}

fn add_headers(path: &str, operation: &mut Operation) {
    let tagged = has_parameter(operation, &ParameterIn::Header, "If-None-Match")
        || has_parameter(operation, &ParameterIn::Header, "If-Match");
    let paged = has_parameter(operation, &ParameterIn::Query, "cursor");
    let retriable = has_parameter(operation, &ParameterIn::Header, "Idempotency-Key");
    for (code, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        let mut names = vec!["X-Request-Id"];
        if path.starts_with("/api/") {
            names.push("API-Version");
        }
        if is_limited(path) {
            names.extend(LIMITED);
        }
        if tagged && code != "204" {
            names.push("ETag");
        }
        if code == "201" {
            names.push("Location");
        }
        if paged {
            names.extend(["Link", "X-Total-Count"]);
        }
        if retriable && code == "201" {
            names.push("Idempotency-Replayed");
        }
        for name in names {
            let shared = Ref::new(format!("#/components/headers/{name}"));
            response.headers.insert(name.to_owned(), RefOr::Ref(shared));
        }
    }
}

/// Whether an operation has this parameter.
fn has_parameter(operation: &Operation, place: &ParameterIn, name: &str) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == *place && parameter.name == name,
        RefOr::Ref(_) => false,
    })
}

/// Whether `If-Match` takes tags. Where the resource has none, a pattern allows only `*`, and the
/// header is never compulsory.
fn has_tags(operation: &Operation) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(Parameter { name, schema: Some(RefOr::T(Schema::Object(schema))), .. }) => {
            name == "If-Match" && schema.pattern.is_none()
        }
        _ => false,
    })
}

fn component(status: StatusCode) -> String {
    format!("Error{}", status.as_u16())
}

fn reasons_by_status() -> BTreeMap<StatusCode, Vec<Reason>> {
    let mut statuses: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for reason in Reason::all() {
        statuses.entry(reason.status()).or_default().push(reason);
    }
    statuses
}

fn error_response(status: StatusCode, reasons: &[Reason]) -> Response {
    let names: Vec<_> = reasons.iter().map(|reason| format!("`{}`", reason.name())).collect();
    let refer = |name: &str| Ref::new(format!("#/components/headers/{name}"));
    let mut response = ResponseBuilder::new()
        .description(names.join(", "))
        .content("application/json", examples("Error", reasons, envelope_example))
        .content("application/problem+json", examples("Problem", reasons, problem_example))
        .header_ref("X-Request-Id", refer("X-Request-Id"));
    for name in LIMITED {
        response = response.header_ref(name, refer(name));
    }
    let special = [
        (401, "WWW-Authenticate"),
        (405, "Allow"),
        (429, "Retry-After"),
        (503, "Retry-After"),
        (507, "Retry-After"),
    ];
    for (of, name) in special {
        if status.as_u16() == of {
            response = response.header_ref(name, refer(name));
        }
    }
    response.build()
}

fn examples(schema: &str, reasons: &[Reason], example: fn(Reason) -> Value) -> Content {
    let examples = reasons.iter().map(|reason| {
        let built = ExampleBuilder::new().summary(reason.message()).value(Some(example(*reason)));
        (reason.name(), RefOr::T(built.build()))
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(examples)
        .build()
}

const EXAMPLE_REQUEST: &str = "01936f2e-7c5b-7d3e-9f00-3f2b8a6c1d42";

fn envelope_example(reason: Reason) -> Value {
    let mut error = json!({
        "code": reason.status().as_u16(), "reason": reason.name(), "message": reason.message(),
        "request_id": EXAMPLE_REQUEST,
    });
    if reason == Reason::ValidationFailed {
        error["details"] = example_details();
    }
    if let Some(resource) = example_resource(reason) {
        error["resource"] = json!(resource);
    }
    json!({"success": false, "error": error})
}

fn problem_example(reason: Reason) -> Value {
    let mut problem = json!({
        "type": format!("urn:bookshelf:problem:{}", reason.name()), "title": reason.message(),
        "status": reason.status().as_u16(), "detail": reason.message(),
        "instance": "/api/v1/books", "reason": reason.name(), "request_id": EXAMPLE_REQUEST,
    });
    if reason == Reason::ValidationFailed {
        problem["errors"] = example_details();
    }
    if let Some(resource) = example_resource(reason) {
        problem["resource"] = json!(resource);
    }
    problem
}

/// What exists already, or cannot be changed.
fn example_resource(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::IsbnTaken | Reason::BookInUse => Some("/api/v1/books/7"),
        Reason::AlreadyOnShelf => Some("/api/v1/shelf/7"),
        Reason::EmailTaken | Reason::UsernameTaken | Reason::LastAdmin => Some("/api/v1/users/7"),
        _ => None,
    }
}

fn example_details() -> Value {
    json!({"title": ["is required"], "year": ["must be an integer"]})
}

fn headers() -> [(&'static str, Header); 12] {
    let header = |kind, description, example: Value| {
        let schema = Object::with_type(kind);
        HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description))
            .example(Some(example))
            .build()
    };
    let text = Type::String;
    let number = Type::Integer;
    let own = "The client's `X-Request-Id` if it is valid, or else a new one";
    let rest = "How many requests are left under the limit that is nearest, and in how many seconds \
        all are available again; only if requests are limited";
    let rule = "That limit: the number of requests, and the window in seconds";
    let tag = "A strong entity tag of the resource, for `If-Match` and `If-None-Match`";
    let replayed = "`true` if this is the response to an earlier request with the same key";
    let links = "The `links` of the page (RFC 8288)";
    let link = "</api/v1/books?page=2>; rel=\"next\"";
    [
        ("X-Request-Id", header(text.clone(), own, json!(EXAMPLE_REQUEST))),
        ("API-Version", header(text.clone(), "The version of the API", json!("1"))),
        ("ETag", header(text.clone(), tag, json!("\"v1-7-9-2\""))),
        (
            "Location",
            header(text.clone(), "The address of the new resource", json!("/api/v1/books/42")),
        ),
        ("Idempotency-Replayed", header(text.clone(), replayed, json!("true"))),
        ("Link", header(text.clone(), links, json!(link))),
        ("X-Total-Count", header(number.clone(), "`total_items`, if it was counted", json!(93))),
        (
            "Allow",
            header(text.clone(), "The methods that the address supports", json!("GET, HEAD")),
        ),
        ("Retry-After", header(number, "How many seconds to wait", json!(1))),
        ("RateLimit", header(text.clone(), rest, json!("\"read\";r=599;t=60"))),
        ("RateLimit-Policy", header(text.clone(), rule, json!("\"read\";q=600;w=60"))),
        (
            "WWW-Authenticate",
            header(text, "The challenge (RFC 6750)", json!("Bearer realm=\"bookshelf\"")),
        ),
    ]
}
