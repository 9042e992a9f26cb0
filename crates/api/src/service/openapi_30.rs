//! The document as OpenAPI 3.0, for generators of clients that do not read 3.1.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

const SCHEMAS: &str = "#/components/schemas/";

/// Turns a document of OpenAPI 3.1 into one of 3.0.3.
///
/// Generators make one type for each schema and each body. So a body has only one media type here,
/// all errors have the schema `Error`, and a schema that is repeated is a reference.
pub(super) fn convert(document: &mut Value) {
    document["openapi"] = json!("3.0.3");
    let named = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    for part in ["schemas", "responses", "headers"] {
        for component in members(&mut document["components"][part]) {
            match part {
                "schemas" => schema(component, &named),
                "responses" => response(component, &named),
                _ => header(component, &named),
            }
        }
    }
    for path in members(&mut document["paths"]) {
        members(path).for_each(|value| operation(value, &named));
    }
    remove_unused_schemas(document);
}

/// The members of an object, or of no object if it is missing.
fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(|object| object.values_mut())
}

fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

fn operation(operation: &mut Value, named: &Members) {
    for parameter in items(operation.get_mut("parameters")) {
        header(parameter, named);
    }
    if let Some(body) = operation.get_mut("requestBody") {
        content(body, named);
    }
    for answer in operation.get_mut("responses").into_iter().flat_map(members) {
        response(answer, named);
    }
    // OpenAPI 3.0 allows names here only for OAuth. The table in the description has the permissions.
    for alternative in items(operation.get_mut("security")) {
        members(alternative).for_each(|names| *names = json!([]));
    }
}

fn response(response: &mut Value, named: &Members) {
    if let Some(reference) = response.get("$ref").cloned() {
        *response = json!({ "$ref": reference });
        return;
    }
    for each in response.get_mut("headers").into_iter().flat_map(members) {
        header(each, named);
    }
    content(response, named);
}

/// A header or a parameter. None of them can be null. Generated clients send the defaults that the
/// document names, and so would send `page` beside `cursor`, which is refused.
fn header(header: &mut Value, named: &Members) {
    if let Some(value) = header.get_mut("schema") {
        schema(value, named);
        if let Some(value) = value.as_object_mut() {
            value.remove("nullable");
            value.remove("default");
        }
    }
}

/// Leaves one media type: JSON if there is a choice, bytes for images, and CSV for files of books.
fn content(body: &mut Value, named: &Members) {
    let Some(types) = body.get_mut("content").and_then(Value::as_object_mut) else { return };
    let is_image = types.keys().any(|name| name.starts_with("image/"));
    let preferred = ["application/json", "text/csv"];
    let kept = preferred.into_iter().find(|name| types.contains_key(*name));
    let Some(kept) = kept.map(str::to_owned).or_else(|| types.keys().next().cloned()) else {
        return;
    };
    let Some(mut media) = types.remove(&kept) else { return };
    if let Some(value) = media.get_mut("schema") {
        schema(value, named);
        let is_file = is_image || kept == "text/csv";
        if let (Some(value), true) = (value.as_object_mut(), is_file) {
            value.insert("format".to_owned(), json!("binary"));
            // A JSON body is optional if it may be null. A file never is.
            value.remove("nullable");
        }
        if let (Some(value), "application/json") = (value.as_object_mut(), kept.as_str()) {
            // `required: false` of the body says that it may be missing.
            if value.remove("nullable").is_some() {
                *value = only_reference(value).unwrap_or_else(|| value.clone());
            }
        }
    }
    types.clear();
    let name = if is_image { "application/octet-stream".to_owned() } else { kept };
    types.insert(name, media);
}

fn schema(value: &mut Value, named: &Members) {
    let Some(object) = value.as_object_mut() else { return };
    // Before the members, because the named schemas are those of the document before its conversion.
    for (name, member) in object.iter_mut() {
        match name.as_str() {
            "properties" => members(member).for_each(|each| referred(each, named)),
            "allOf" | "oneOf" | "anyOf" => {
                items(Some(member)).for_each(|each| referred(each, named));
            }
            "items" | "additionalProperties" => referred(member, named),
            _ => {}
        }
    }
    object.remove("propertyNames");
    examples(object);
    constant(object);
    null(object);
    bound(object, "exclusiveMinimum", "minimum");
    bound(object, "exclusiveMaximum", "maximum");
    beside_reference(object);
}

/// A schema within another one: a reference if it repeats a named one.
fn referred(value: &mut Value, named: &Members) {
    let is_record = value.get("properties").is_some() || value.get("allOf").is_some();
    let same = |other: &Value| is_record && without_remarks(other) == without_remarks(value);
    match named.iter().find(|(_, other)| same(other)) {
        Some((name, _)) => *value = json!({ "$ref": format!("{SCHEMAS}{name}") }),
        None => schema(value, named),
    }
}

/// A schema without what does not change its meaning.
fn without_remarks(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.remove("description");
        object.remove("example");
    }
    value
}

fn examples(schema: &mut Members) {
    if let Some(Value::Array(examples)) = schema.remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        schema.entry("example").or_insert(first);
    }
}

fn constant(schema: &mut Members) {
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
    }
}

/// Writes a type that may be null as `nullable`.
fn null(schema: &mut Members) {
    let mut is_nullable = false;
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        let before = types.len();
        types.retain(|each| each != "null");
        is_nullable = types.len() < before;
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    for name in ["oneOf", "anyOf"] {
        let Some(Value::Array(alternatives)) = schema.get_mut(name) else { continue };
        let before = alternatives.len();
        alternatives.retain(|each| each["type"] != "null");
        is_nullable |= alternatives.len() < before;
        if alternatives.len() == 1
            && let Some(Value::Object(only)) = alternatives.pop()
        {
            schema.remove(name);
            for (name, value) in only {
                schema.entry(name).or_insert(value);
            }
        }
    }
    // Generators make several types of an enum with null. Only members of requests are such, where
    // null stands for the default.
    if is_nullable && !schema.contains_key("enum") {
        schema.insert("nullable".to_owned(), json!(true));
    }
}

/// A bound that does not belong to the range is a number in 3.1, and in 3.0 a mark beside the bound.
fn bound(schema: &mut Members, exclusive: &str, inclusive: &str) {
    if let Some(limit) = schema.get(exclusive).filter(|limit| limit.is_number()).cloned() {
        schema.insert(inclusive.to_owned(), limit);
        schema.insert(exclusive.to_owned(), json!(true));
    }
}

/// In 3.0 everything beside a reference is ignored.
fn beside_reference(schema: &mut Members) {
    if schema.len() > 1
        && let Some(reference) = schema.remove("$ref")
    {
        schema.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

/// The reference that is the only content of a schema.
fn only_reference(schema: &Members) -> Option<Members> {
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::Object(only)]) if schema.len() == 1 => Some(only.clone()),
        _ => None,
    }
}

fn remove_unused_schemas(document: &mut Value) {
    let mut used = BTreeSet::new();
    references(document, &mut used);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}

fn references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str);
            names.extend(target.and_then(|target| target.strip_prefix(SCHEMAS)).map(str::to_owned));
            object.values().for_each(|each| references(each, names));
        }
        Value::Array(items) => items.iter().for_each(|each| references(each, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(schema_31: Value) -> Value {
        let mut value = schema_31;
        schema(&mut value, &Members::new());
        value
    }

    #[test]
    fn types_and_bounds_are_written_as_3_0_writes_them() {
        let cases = [
            (json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true})),
            (
                json!({"oneOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}], "default": "a"}),
                json!({"type": "string", "enum": ["a"], "default": "a"}),
            ),
            (
                json!({"oneOf": [{"$ref": "#/x"}, {"type": "null"}], "description": "x"}),
                json!({"allOf": [{"$ref": "#/x"}], "description": "x", "nullable": true}),
            ),
            (json!({"const": 1}), json!({"enum": [1]})),
            (
                json!({"exclusiveMinimum": 0, "exclusiveMaximum": 2}),
                json!({"minimum": 0, "exclusiveMinimum": true, "maximum": 2, "exclusiveMaximum": true}),
            ),
            (json!({"examples": [1, 2]}), json!({"example": 1})),
            (
                json!({"items": {"type": ["integer", "null"]}}),
                json!({"items": {"type": "integer", "nullable": true}}),
            ),
        ];
        for (before, after) in cases {
            assert_eq!(converted(before), after);
        }
    }

    #[test]
    fn a_repeated_schema_is_a_reference() {
        let book = json!({"type": "object", "description": "A book.", "properties": {"id": {}}});
        let named = Members::from_iter([("Book".to_owned(), book.clone())]);
        let mut list = json!({"properties": {"data": {"type": "array", "items": book}}});
        schema(&mut list, &named);
        assert_eq!(
            list["properties"]["data"]["items"],
            json!({"$ref": "#/components/schemas/Book"})
        );
    }

    #[test]
    fn a_body_keeps_one_media_type() {
        let bytes = json!({"schema": {"type": "string"}});
        let kept = |names: &[&str]| {
            let types: Members =
                names.iter().map(|name| ((*name).to_owned(), bytes.clone())).collect();
            let mut body = json!({ "content": types });
            content(&mut body, &Members::new());
            body["content"].clone()
        };
        let json = kept(&["application/merge-patch+json", "application/json"]);
        assert_eq!(json, json!({"application/json": bytes}));
        let file = json!({"schema": {"type": "string", "format": "binary"}});
        assert_eq!(kept(&["image/png", "image/jpeg"]), json!({"application/octet-stream": file}));
        assert_eq!(kept(&["application/x-ndjson", "text/csv"]), json!({"text/csv": file}));
    }
}
