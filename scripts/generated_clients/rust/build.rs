//! Generates the client.

use std::path::Path;
use std::{env, fs};

use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};
use serde_json::{Value, json};

fn main() {
    let file = "../../../docs/openapi/openapi-3.0.json";
    println!("cargo::rerun-if-changed={file}");
    let mut document: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    // Progenitor knows no bodies in CSV. They are bytes, and a hook declares them as CSV.
    for (_, path) in document["paths"].as_object_mut().unwrap() {
        for (_, operation) in path.as_object_mut().unwrap() {
            let Some(content) = operation.pointer_mut("/requestBody/content") else { continue };
            let types = content.as_object_mut().unwrap();
            for name in ["text/csv", "application/octet-stream"] {
                if types.remove(name).is_some() {
                    let bytes = json!({"schema": {"type": "string", "format": "binary"}});
                    types.insert("application/octet-stream".to_owned(), bytes);
                }
            }
        }
    }
    let document = serde_json::from_value(document).unwrap();
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_inner_type("crate::Access".parse().unwrap());
    let tokens = Generator::new(&settings).generate_tokens(&document).unwrap();
    let code = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("client.rs"), code).unwrap();
}
